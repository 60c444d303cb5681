import { isDnsSubdomain, LABEL_MAX, SUBDOMAIN_MAX } from '@/lib/k8s/dns-name';
import { type Text, text } from '@/lib/text';

/** Labels or annotations as `metadata` has them. */
type Pairs = Readonly<Record<string, string>>;

/** Where a VM lies; the value has `.` between the levels, since the values of labels have no `/`. */
export const FOLDER_LABEL = 'portlight.io/folder';
/** OpenShift's console has folders of its own, of one level. They are read; ours goes first. */
export const OPENSHIFT_FOLDER_LABEL = 'vm.openshift.io/folder';
/** A tag is a label without a value, and this is the prefix of its key. */
export const TAG_PREFIX = 'tag.portlight.io/';

const APPLICATION_LABELS = [
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/name',
  'app',
];
export const DESCRIPTION_ANNOTATIONS = ['description', 'kubevirt.io/description'];

/** The limit of Kubernetes for values of labels, and for the part of their keys after the `/`. */
export const LABEL_VALUE_MAX = LABEL_MAX;

/** The folder that a VM lies in, with `/` between its levels; empty outside of all folders. */
export function folderOf(labels: Pairs): string {
  return levelsOf(labels[FOLDER_LABEL] || labels[OPENSHIFT_FOLDER_LABEL] || '', '.').join('/');
}

/** The tags of a VM, in alphabetical order. */
export function tagsOf(labels: Pairs): string[] {
  return Object.keys(labels)
    .filter((key) => key.startsWith(TAG_PREFIX) && key.length > TAG_PREFIX.length)
    .map((key) => key.slice(TAG_PREFIX.length))
    .sort();
}

/** What the VM is part of, by the labels that Kubernetes recommends; empty where it has none. */
export function applicationOf(labels: Pairs): string {
  return firstOf(labels, APPLICATION_LABELS);
}

/** What somebody wrote about the VM; empty where nobody did. */
export function descriptionOf(annotations: Pairs): string {
  return firstOf(annotations, DESCRIPTION_ANNOTATIONS);
}

/** The value of the label for a folder: `web/blue` is `web.blue`. */
export function folderLabelValue(folder: string): string {
  return levelsOf(folder, '/').join('.');
}

/** Whether a folder is the other one or lies in it. */
export function isInFolder(folder: string, outer: string): boolean {
  return folder === outer || folder.startsWith(`${outer}/`);
}

/** The folder that a folder lies in; empty at the top. */
export function parentFolder(folder: string): string {
  return folder.slice(0, Math.max(0, folder.lastIndexOf('/')));
}

/** The last level of a folder's path. */
export function folderName(folder: string): string {
  return folder.slice(folder.lastIndexOf('/') + 1);
}

/**
 * What to do to labels: values to set, null to take one off. Labels that it does not name stay as they are, whoever
 * changes them meanwhile.
 */
export type LabelChange = Readonly<Record<string, string | null>>;

/** Puts a VM into a folder, or out of all folders when the path is empty. */
export function folderChange(folder: string): LabelChange {
  if (folder) return { [FOLDER_LABEL]: folderLabelValue(folder) };
  // With OpenShift's label left, the VM would only change from one folder to another.
  return { [FOLDER_LABEL]: null, [OPENSHIFT_FOLDER_LABEL]: null };
}

/** Gives a VM a tag or takes it off. */
export function tagChange(tag: string, isOn: boolean): LabelChange {
  return { [TAG_PREFIX + tag]: isOn ? '' : null };
}

/** What of a change is not so already; empty when all of it is. */
export function openChange(labels: Pairs, change: LabelChange): LabelChange {
  return Object.fromEntries(Object.entries(change).filter(([key, value]) => (labels[key] ?? null) !== value));
}

const LETTER_OR_DIGIT_ENDS = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const FOLDER_LEVEL = /^[A-Za-z0-9]([-A-Za-z0-9_]*[A-Za-z0-9])?$/;

/** What is wrong with a folder's path (`/` between levels) as the value of a label, or undefined. */
export function folderProblem(folder: string): Text | undefined {
  if (!folder.split('/').every((level) => FOLDER_LEVEL.test(level))) return text('tree.problem.folder');
  return tooLong(folder);
}

/** What is wrong with the name of a tag, which becomes part of a label's key, or undefined. */
export function tagProblem(tag: string): Text | undefined {
  return LETTER_OR_DIGIT_ENDS.test(tag) ? tooLong(tag) : text('tree.problem.tag');
}

/** What is wrong with a label's key (`name` or `prefix/name`), or undefined. */
export function labelKeyProblem(key: string): Text | undefined {
  const slash = key.indexOf('/');
  const prefix = key.slice(0, Math.max(0, slash));
  const name = key.slice(slash + 1);
  const isPrefixGood = slash < 0 || (isDnsSubdomain(prefix) && prefix.length <= SUBDOMAIN_MAX);
  return isPrefixGood && LETTER_OR_DIGIT_ENDS.test(name) ? tooLong(name) : text('tree.problem.labelKey');
}

/** What is wrong with a label's value, which may be empty, or undefined. */
export function labelValueProblem(value: string): Text | undefined {
  return value === '' || LETTER_OR_DIGIT_ENDS.test(value) ? tooLong(value) : text('tree.problem.labelValue');
}

function tooLong(name: string): Text | undefined {
  return name.length > LABEL_VALUE_MAX
    ? text('tree.problem.long', { length: name.length, limit: LABEL_VALUE_MAX })
    : undefined;
}

/** What may be had instead of a name that labels do not take: `Web servers` becomes `Web-servers`. */
export function suggestName(typed: string): string {
  // Letters with marks fall apart into letter and mark, so that the letter stays.
  const plain = typed.normalize('NFKD').replaceAll(/\p{M}/gu, '');
  return trimEnds(trimEnds(plain.replaceAll(/[^-A-Za-z0-9_.]+/g, '-')).slice(0, LABEL_VALUE_MAX));
}

/** The same for a folder's path, level by level; `.` would begin a new level. */
export function suggestFolder(typed: string): string {
  const levels = typed.split('/').map((level) => suggestName(level).replaceAll('.', '-'));
  return trimEnds(levels.filter(Boolean).join('/').slice(0, LABEL_VALUE_MAX));
}

function trimEnds(name: string): string {
  return name.replace(/^[^A-Za-z0-9]+/, '').replace(/[^A-Za-z0-9]+$/, '');
}

function levelsOf(path: string, separator: string): string[] {
  return path.split(separator).filter(Boolean);
}

function firstOf(pairs: Pairs, keys: readonly string[]): string {
  for (const key of keys) if (pairs[key]) return pairs[key];
  return '';
}

const PLATFORM_DOMAINS = /(^|\.)(kubevirt\.io|kubernetes\.io|k8s\.io|openshift\.io)$/;

/**
 * The labels of a VM that people set: neither tags, nor the folder, nor those by which the platform finds its way. The
 * recommended labels for applications are people's.
 */
export function ownLabels(labels: Pairs): [key: string, value: string][] {
  return Object.entries(labels).filter(([key]) => {
    if (key === FOLDER_LABEL || key.startsWith(TAG_PREFIX)) return false;
    const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
    return domain === 'app.kubernetes.io' || !PLATFORM_DOMAINS.test(domain);
  });
}
