'use client';

import { Button } from '@patternfly/react-core';
import { PlusIcon } from '@patternfly/react-icons';
import { useText } from '@/components/ui/text';
import {
  AFFINITY_KINDS,
  type AffinityRule,
  affinityRules,
  withNewRule,
  withoutRule,
  withRule,
  withStrength,
} from '@/lib/kinds/vm/form/affinity';
import { AFFINITY } from '@/lib/kinds/vm/form/scheduling-fields';
import styles from '../form.module.css';
import { FormField } from '../form-field';
import { useField } from '../vm-form';
import { AffinityRuleCard } from './affinity-rule-card';
import type { NodesKnown } from './use-nodes';

/** Rules about the nodes and the other VMs beside which a VM runs. */
export function AffinityEditor({ nodes }: { nodes: NodesKnown }) {
  const t = useText();
  const { value, set, problems, applies, locked } = useField(AFFINITY);
  const rules = affinityRules(value);
  const change = (rule: AffinityRule, next: AffinityRule) =>
    set(
      rule.isRequired === next.isRequired
        ? withRule(value, next)
        : withStrength(value, rule, next.isRequired),
    );
  return (
    <FormField
      id={AFFINITY.id}
      label={t('scheduling.affinity.label')}
      help={t('scheduling.affinity.help')}
      role="group"
      problems={problems}
      applies={applies}
    >
      {() => (
        <div className={styles.rows}>
          {rules.map((rule, index) => (
            <AffinityRuleCard
              key={rule.path.join('/')}
              rule={rule}
              number={index + 1}
              nodes={nodes}
              isDisabled={locked !== undefined}
              onChange={(next) => change(rule, next)}
              onRemove={() => set(withoutRule(value, rule))}
            />
          ))}
          <div className={styles.buttons}>
            {AFFINITY_KINDS.map((kind) => (
              <Button
                key={kind}
                variant="link"
                isInline
                icon={<PlusIcon />}
                isDisabled={locked !== undefined}
                onClick={() => set(withNewRule(value, kind, true))}
              >
                {t(`scheduling.affinity.add.${kind}`)}
              </Button>
            ))}
          </div>
        </div>
      )}
    </FormField>
  );
}
