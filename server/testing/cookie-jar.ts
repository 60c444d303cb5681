/** The cookies of one browser for one server. */
export class CookieJar {
  private readonly cookies = new Map<string, string>();

  get size(): number {
    return this.cookies.size;
  }

  header(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  copy(): CookieJar {
    const other = new CookieJar();
    for (const [name, value] of this.cookies) other.cookies.set(name, value);
    return other;
  }

  /** Takes in what a server sets. */
  take(setCookies: readonly string[]): void {
    for (const set of setCookies) {
      const [pair = '', ...attributes] = set.split('; ');
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(equals + 1));
    }
  }

  /** Follows no redirect, so that each can be looked at. */
  async fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.size > 0) headers.set('cookie', this.header());
    const answer = await fetch(url, { redirect: 'manual', ...init, headers });
    this.take(answer.headers.getSetCookie());
    return answer;
  }
}
