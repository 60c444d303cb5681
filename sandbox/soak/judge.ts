import type { SoakAnswer } from './client';

/** Failures that a real cluster answers with as well. */
const LAWFUL_FAILURES = [
  // virt-api asks for the migration itself and reports what refuses it as its own failure.
  /^Internal error occurred: virtualmachineinstancemigrations\.kubevirt\.io "[^"]+" is forbidden: /,
  /unable to complete request: stop\/start already underway/,
  /unexpected return code/,
  /admission webhook "[^"]+" denied the request/,
  /resourceVersion should not be set on objects to be created/,
  /Too large resource version/,
  /Guests are switched off/,
  /not found$/,
  /does not have guest agent connected/,
  /VMI is not running/,
  /Failed to (?:find|fetch)/,
  /No graphics devices are present/,
];

/** What is wrong with an answer: an unlawful failure, or a refusal that does not say what it is. */
export function faultOf(answer: SoakAnswer): string | undefined {
  const { status, text, json } = answer;
  if (status < 400) return undefined;
  const message = typeof json?.message === 'string' ? json.message : text;
  if (status >= 500 && !LAWFUL_FAILURES.some((pattern) => pattern.test(message.trim()))) {
    return `failed with ${status}: ${message.slice(0, 400)}`;
  }
  if (json && (json.kind !== 'Status' || json.code !== status)) {
    return `is refused with ${status} and no Status that says so: ${text.slice(0, 400)}`;
  }
  if (json && status !== 401 && message === '') return `is refused with ${status} and says nothing`;
  return undefined;
}
