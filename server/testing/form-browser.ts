import { Agent, fetch, type Response } from 'undici';

/** As much of a browser as a sign-in takes: cookies by origin, redirects, and forms of which one button is pressed. */
export class FormBrowser {
  private readonly jars = new Map<string, Map<string, string>>();
  private readonly agent: Agent;

  /** @param ca PEM of further authorities whose certificates are taken. */
  constructor(ca?: string[]) {
    this.agent = new Agent({ connect: ca ? { ca } : {} });
  }

  /** A request with this browser's cookies, whose redirects are not followed. */
  async request(
    url: string,
    init: { method?: string; body?: URLSearchParams | string; headers?: Record<string, string> } = {},
  ) {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      ...init,
      dispatcher: this.agent,
      redirect: 'manual',
      headers: { ...init.headers, ...(cookie ? { cookie } : {}) },
    });
    for (const line of answer.headers.getSetCookie()) keep(jar, line);
    return answer;
  }

  /** Another window of the same browser as it is now, from which on they differ. */
  copy(): FormBrowser {
    const other = new FormBrowser();
    for (const [origin, jar] of this.jars) other.jars.set(origin, new Map(jar));
    return other;
  }

  /** The cookies for an origin, as they would be sent. */
  cookies(origin: string): string {
    return [...(this.jars.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Follows redirects from `url` until one begins with `end` or a page comes. */
  async open(url: string, end?: string): Promise<Visit> {
    return this.follow(url, await this.request(url), end);
  }

  /** Sends the form of a page with the given fields, and follows where that leads. */
  async submit({ url, html }: Visit, fields: Record<string, string>, end?: string): Promise<Visit> {
    const form = /<form[^>]*action="([^"]*)"/.exec(html)?.[1];
    if (form === undefined) throw new Error(`no form at ${url}: ${html}`);
    const hidden = [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const body = new URLSearchParams([
      ...hidden.map(([, name = '', value = '']) => [name, value]),
      ...Object.entries(fields),
    ]);
    const target = new URL(form.replaceAll('&amp;', '&'), url).href;
    return this.follow(target, await this.request(target, { method: 'POST', body }), end);
  }

  private async follow(first: string, answer: Response, end: string | undefined): Promise<Visit> {
    let url = first;
    let current = answer;
    for (let hops = 0; hops < 15; hops += 1) {
      const location = current.headers.get('location');
      if (!location || current.status < 300 || current.status >= 400) {
        return { url, status: current.status, html: await current.text() };
      }
      url = new URL(location, url).href;
      if (end !== undefined && url.startsWith(end)) return { url, status: current.status, html: '' };
      current = await this.request(url);
    }
    throw new Error(`redirected in circles, last to ${url}`);
  }
}

export interface Visit {
  url: string;
  status: number;
  html: string;
}

/** Signs in at the test provider and agrees. Returns where the browser is sent back to, not asked yet. */
export async function signInAt(
  browser: FormBrowser,
  start: string,
  user: string,
  back: string,
  answer = 'yes',
): Promise<string> {
  let visit = await browser.open(start, back);
  if (visit.html.includes('name="user"')) visit = await browser.submit(visit, { user }, back);
  if (visit.html.includes('name="answer"')) visit = await browser.submit(visit, { answer }, back);
  if (!visit.url.startsWith(back)) throw new Error(`stuck at ${visit.url}: ${visit.html}`);
  return visit.url;
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  const gone = attributes.some((each) => {
    const [key = '', value = ''] = each.trim().split('=');
    if (key.toLowerCase() === 'max-age') return Number(value) <= 0;
    return key.toLowerCase() === 'expires' && Date.parse(value) <= Date.now();
  });
  if (gone) jar.delete(name);
  else jar.set(name, pair.slice(equals + 1).trim());
}
