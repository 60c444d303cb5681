import type { JsonObject } from '@/lib/k8s/json';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import {
  findCloudInit,
  guestText,
  INLINE_MAX_BYTES,
  inlineBytes,
} from '@/lib/kinds/vm/form/guest/cloud-init';
import { ACCESS_CREDENTIALS, credentialProblem } from '@/lib/kinds/vm/form/guest/credentials';
import { isSecretDocument } from '@/lib/kinds/vm/form/guest/secret-document';
import { sysprepOf } from '@/lib/kinds/vm/form/guest/sysprep';
import { unattendProblem } from '@/lib/kinds/vm/form/guest/unattend';
import { networkDataProblems, userDataProblems } from '@/lib/manifest/cloud-config/check-config';
import { readConfig, readUserData } from '@/lib/manifest/cloud-config/user-data';
import { type Text, text } from '@/lib/text';
import { isHiddenInside } from './secret-values';

/** Something to say about a place of the VM. */
export interface GuestProblem {
  /** As the server spells it. */
  path: string;
  /** A warning leaves the last word to cloud-init, whose newest schema may know more. */
  severity: 'error' | 'warning';
  message: Text;
}

const VOLUMES = 'spec.template.spec.volumes';

/** What is wrong with how a draft's guest is set up, Secrets that are made with it included. */
export function guestProblems(draft: VmDraft): GuestProblem[] {
  const found: GuestProblem[] = [];
  const cloudInit = findCloudInit(draft.vm);
  const at = cloudInit ? `${VOLUMES}[${cloudInit.index}].${cloudInit.source}` : VOLUMES;
  for (const part of ['userData', 'networkData'] as const) {
    const { content } = guestText(draft, part);
    if (content === undefined) continue;
    const read = part === 'userData' ? readUserData(content) : readConfig(content);
    const isBroken = read.kind === 'cloud-config' && read.config === undefined;
    const said = part === 'userData' ? userDataProblems(content) : networkDataProblems(content);
    const first = said.find(({ severity }) => severity === 'error');
    if (first) found.push({ path: at, severity: isBroken ? 'error' : 'warning', message: first.message });
    const bytes = inlineBytes(draft, part);
    if (bytes > INLINE_MAX_BYTES) {
      const message = text('guest.place.tooLong', { bytes, limit: INLINE_MAX_BYTES });
      found.push({ path: at, severity: 'error', message });
    }
  }
  // The mask of a draft that came back must never become somebody's password.
  if (draft.others.some((object) => isSecretDocument(object) && isHiddenInside(valuesOf(object))))
    found.push({ path: at, severity: 'error', message: text('guest.problem.notKept') });
  const answers = sysprepOf(draft)?.content;
  const wrong = answers === undefined ? undefined : unattendProblem(answers);
  if (wrong) found.push({ path: VOLUMES, severity: 'warning', message: wrong.message });
  ACCESS_CREDENTIALS.read(draft.vm).forEach((entry, index) => {
    const message = credentialProblem(draft.vm, entry);
    if (message) found.push({ path: `${ACCESS_CREDENTIALS.paths[0]}[${index}]`, severity: 'error', message });
  });
  return found;
}

function valuesOf({ data, stringData }: JsonObject): JsonObject {
  return { data, stringData };
}
