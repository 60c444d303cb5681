/** The provider's pages: plain forms that a person and a test can fill in. */

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<link rel="icon" href="data:,"></head><body><main><h1>${title}</h1>${body}</main></body></html>`;
}

export function signInPage(action: string, problem = ''): string {
  return page(
    'Sign in at the test provider',
    `${problem ? `<p role="alert">${escaped(problem)}</p>` : ''}<form method="post" action="${escaped(action)}">
<label>User name <input name="user" required autocomplete="off"></label> <button>Sign in</button></form>`,
  );
}

export function consentPage(action: string, client: string, user: string): string {
  return page(
    'Allow access',
    `<p>${escaped(client)} wants to know who ${escaped(user)} is.</p><form method="post" action="${escaped(action)}">
<button name="answer" value="yes">Allow</button> <button name="answer" value="no">Refuse</button></form>`,
  );
}

/** `form` holds what has to be sent back. */
export function signOutPage(form: string): string {
  return page(
    'Sign out of the test provider',
    `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<button form="op.logoutForm">Stay signed in</button>`,
  );
}

export function messagePage(title: string, message = ''): string {
  return page(escaped(title), `<p>${escaped(message)}</p>`);
}
