'use client';

import {
  Button,
  Form,
  FormGroup,
  FormHelperText,
  HelperText,
  HelperTextItem,
  InputGroup,
  InputGroupItem,
  TextInput,
} from '@patternfly/react-core';
import { EyeIcon, EyeSlashIcon, PasteIcon } from '@patternfly/react-icons';
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { Copyable } from '@/components/ui/copyable';
import { useText } from '@/components/ui/text';
import { useFromNow } from '@/components/ui/use-now';
import { ApiError } from '@/lib/k8s/error';
import { signInWithToken } from '@/lib/session/auth-api';
import { readToken } from '@/lib/session/token';
import { type Text, text } from '@/lib/text';
import { pasteProblem, type SignInProblem, tokenRefusal } from './problem';
import { ProblemAlert } from './problem-alert';
import styles from './sign-in.module.css';

const KUBECTL = 'kubectl create token NAME --namespace NAMESPACE';
const OC = 'oc whoami --show-token';

/**
 * Signs in with a pasted bearer token. The token is in this field, in one request's body, and nowhere else: the field
 * has no name, browsers do not offer to keep a one-time code, and it is emptied once the cluster has taken it.
 */
export function TokenForm({
  cluster,
  onSignedIn,
  hasFocus,
}: {
  cluster: string;
  onSignedIn: (user: string) => void;
  /** Whether the field takes the focus as it appears. */
  hasFocus: boolean;
}) {
  const t = useText();
  const id = useId().replaceAll(':', '');
  const field = useRef<HTMLInputElement>(null);
  const [pasted, setPasted] = useState('');
  const [isShown, setShown] = useState(false);
  const [isSending, setSending] = useState(false);
  const [problem, setProblem] = useState<SignInProblem>();
  const [canPaste, setCanPaste] = useState(false);
  const [notice, setNotice] = useState<Text>();
  const mustWait = useFromNow((now) => problem?.retryAt !== undefined && now < problem.retryAt);

  useEffect(() => {
    setCanPaste(typeof navigator.clipboard?.readText === 'function');
    if (hasFocus) field.current?.focus();
  }, [hasFocus]);

  const fail = (found: SignInProblem) => {
    setProblem(found);
    setSending(false);
    field.current?.focus();
    field.current?.select();
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending || mustWait) return;
    const read = readToken(pasted);
    if ('problem' in read) return fail(pasteProblem(read.problem));
    setSending(true);
    setProblem(undefined);
    try {
      const user = await signInWithToken(cluster, read.token);
      setPasted('');
      onSignedIn(user);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      fail(tokenRefusal(cause.toJSON(), read.token, Date.now()));
    }
  };
  const paste = async () => {
    try {
      setPasted(await navigator.clipboard.readText());
      setNotice(undefined);
    } catch {
      setNotice(text('signIn.token.pasteRefused'));
    }
    field.current?.focus();
  };

  const revealLabel = t(isShown ? 'signIn.token.hide' : 'signIn.token.show');
  return (
    <Form onSubmit={(event) => void submit(event)} autoComplete="off" noValidate>
      {problem && <ProblemAlert problem={problem} id={`${id}-problem`} />}
      <FormGroup label={t('signIn.token.label')} fieldId={`${id}-token`}>
        <InputGroup>
          <InputGroupItem isFill>
            <TextInput
              ref={field}
              id={`${id}-token`}
              type={isShown ? 'text' : 'password'}
              value={pasted}
              onChange={(_, value) => {
                setPasted(value);
                setNotice(undefined);
              }}
              validated={problem && problem.retryAt === undefined ? 'error' : 'default'}
              aria-describedby={problem ? `${id}-problem ${id}-help` : `${id}-help`}
              autoComplete="one-time-code"
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              data-1p-ignore=""
              data-lpignore="true"
              data-bwignore=""
              className="portlight-mono"
            />
          </InputGroupItem>
          <InputGroupItem>
            <Button
              variant="control"
              aria-label={revealLabel}
              title={revealLabel}
              aria-pressed={isShown}
              icon={isShown ? <EyeSlashIcon /> : <EyeIcon />}
              onClick={() => setShown(!isShown)}
            />
          </InputGroupItem>
          {canPaste && (
            <InputGroupItem>
              <Button variant="control" icon={<PasteIcon />} onClick={() => void paste()}>
                {t('signIn.token.paste')}
              </Button>
            </InputGroupItem>
          )}
        </InputGroup>
        <FormHelperText>
          <HelperText id={`${id}-help`} isLiveRegion>
            <HelperTextItem>{t(notice ?? 'signIn.token.help')}</HelperTextItem>
          </HelperText>
        </FormHelperText>
        <dl className={styles.commands}>
          <dt>{t('signIn.token.kubectl')}</dt>
          <dd>
            <Copyable label={KUBECTL}>{KUBECTL}</Copyable>
          </dd>
          <dt>{t('signIn.token.oc')}</dt>
          <dd>
            <Copyable label={OC}>{OC}</Copyable>
          </dd>
        </dl>
      </FormGroup>
      <Button type="submit" isBlock isLoading={isSending} isAriaDisabled={isSending || mustWait}>
        {t(isSending ? 'signIn.token.submitting' : 'signIn.token.submit')}
      </Button>
      <p className={styles.small}>{t('signIn.token.privacy')}</p>
    </Form>
  );
}
