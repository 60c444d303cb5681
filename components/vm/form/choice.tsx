'use client';

import {
  Button,
  HelperText,
  HelperTextItem,
  MenuFooter,
  MenuToggle,
  Select,
  SelectGroup,
  SelectList,
  SelectOption,
  Spinner,
  TextInputGroup,
  TextInputGroupMain,
  TextInputGroupUtilities,
} from '@patternfly/react-core';
import { TimesIcon } from '@patternfly/react-icons';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import { type ChoiceOption, narrowOptions, optionNamed } from './choice-options';

export interface ChoiceProps {
  id: string;
  /** For screen readers; the label that everybody sees belongs to the `FormField` around it. */
  label: string;
  options: readonly ChoiceOption[];
  /** Empty: nothing chosen, or the option whose value is empty. */
  value: string;
  onChange: (value: string) => void;
  isLoading?: boolean;
  /** Why the options are not known. What one types is then taken as it is. */
  error?: ReactNode;
  /** Whether what is typed may be none of the options. */
  allowOther?: boolean;
  /** Whether it can be made empty again. */
  isClearable?: boolean;
  isDisabled?: boolean;
  placeholder?: string;
  'aria-describedby'?: string;
  validated?: 'error' | 'warning' | 'default';
}

/** Chooses one of many by typing a part of it. A hundred show at a time, and the chooser says how many more there are. */
export function Choice({
  id,
  label,
  options,
  value,
  onChange,
  isLoading = false,
  error,
  allowOther = false,
  isClearable = false,
  isDisabled = false,
  placeholder,
  'aria-describedby': describedBy,
  validated = 'default',
}: ChoiceProps) {
  const t = useText();
  const input = useRef<HTMLInputElement>(null);
  const [isOpen, setOpen] = useState(false);
  /** What is being typed; undefined shows the choice. */
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(-1);

  const takesOther = allowOther || error !== undefined;
  const chosen = options.find((option) => option.value === value);
  const { shown, more } = narrowOptions(options, typed ?? '');
  const other = takesOther && typed?.trim() && !optionNamed(options, typed) ? typed.trim() : undefined;
  const count = shown.length + (other === undefined ? 0 : 1);
  const optionId = (index: number) => `${id}-option-${index}`;
  const activeId = isOpen && active >= 0 && active < count ? optionId(active) : undefined;

  useEffect(() => {
    if (activeId) document.getElementById(activeId)?.scrollIntoView({ block: 'nearest' });
  }, [activeId]);

  const close = () => {
    setOpen(false);
    setTyped(undefined);
    setActive(-1);
  };
  const open = () => {
    if (isDisabled || isOpen) return;
    setOpen(true);
    setActive(shown.findIndex((option) => option.value === value));
  };
  const pick = (next: string | undefined) => {
    const option = shown.find((each) => each.value === next);
    if (next === undefined || option?.disabled !== undefined) return;
    close();
    if (next !== value) onChange(next);
  };
  /** Leaving takes what was typed if it is an option or may be anything; otherwise the choice stays as it was. */
  const leave = () => {
    const named = typed === undefined ? undefined : optionNamed(options, typed);
    if (typed !== undefined && named && named.disabled === undefined && named.value !== value)
      onChange(named.value);
    else if (other !== undefined) onChange(other);
    else if (typed === '' && takesOther && value !== '') onChange('');
    close();
  };
  const move = (step: number) => {
    if (!isOpen) return open();
    if (count > 0)
      setActive((before) => (before < 0 ? (step > 0 ? 0 : count - 1) : (before + step + count) % count));
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      move(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (!isOpen) open();
      else if (active >= 0) pick(shown[active]?.value ?? other);
      else if (typed === undefined) close();
      else
        pick(
          optionNamed(options, typed)?.value ?? other ?? (shown.length === 1 ? shown[0]?.value : undefined),
        );
    } else if (event.key === 'Escape' && isOpen) {
      // A dialog around it stays open.
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  const groups = [...new Set(shown.map(({ group = '' }) => group))];
  const option = (each: ChoiceOption, index: number) => (
    <SelectOption
      key={each.value}
      id={optionId(index)}
      value={each.value}
      icon={each.icon}
      isSelected={each.value === value}
      isFocused={index === active}
      isAriaDisabled={each.disabled !== undefined}
      description={each.disabled ?? each.description}
      tabIndex={-1}
    >
      {each.label}
    </SelectOption>
  );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: hears when the focus leaves the controls in it
    <div
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) leave();
      }}
    >
      <Select
        id={`${id}-menu`}
        variant="typeahead"
        isOpen={isOpen}
        selected={value}
        isScrollable
        maxMenuHeight="20rem"
        shouldFocusFirstItemOnOpen={false}
        popperProps={{ appendTo: 'inline' }}
        onMouseDown={(event) => event.preventDefault()}
        onSelect={(_event, next) => pick(next === undefined ? undefined : String(next))}
        onOpenChange={(next) => next || close()}
        onOpenChangeKeys={[]}
        toggle={(ref) => (
          <MenuToggle
            ref={ref}
            variant="typeahead"
            isFullWidth
            isExpanded={isOpen}
            isDisabled={isDisabled}
            aria-label={t('form.choice.open', { label })}
            {...(validated === 'error'
              ? { status: 'danger' }
              : validated === 'warning'
                ? { status: 'warning' }
                : {})}
            onClick={() => {
              if (isOpen) close();
              else open();
              input.current?.focus();
            }}
          >
            <TextInputGroup isPlain isDisabled={isDisabled}>
              <TextInputGroupMain
                innerRef={input}
                inputId={id}
                value={typed ?? chosen?.label ?? value}
                placeholder={placeholder ?? ''}
                aria-label={label}
                role="combobox"
                isExpanded={isOpen}
                aria-controls={`${id}-list`}
                {...(activeId ? { 'aria-activedescendant': activeId } : {})}
                inputProps={{
                  'aria-describedby': describedBy,
                  'aria-invalid': validated === 'error',
                  'aria-autocomplete': 'list',
                  autoComplete: 'off',
                  spellCheck: false,
                  onKeyDown: press,
                }}
                onClick={open}
                onFocus={() => input.current?.select()}
                onChange={(_event, next) => {
                  setTyped(next);
                  setActive(-1);
                  setOpen(true);
                }}
              />
              {(isLoading || (isClearable && value !== '')) && (
                <TextInputGroupUtilities>
                  {isLoading && <Spinner size="md" aria-label={t('common.loading')} />}
                  {isClearable && value !== '' && !isDisabled && (
                    <Button
                      variant="plain"
                      icon={<TimesIcon />}
                      aria-label={t('form.choice.clear', { label })}
                      onClick={(event) => {
                        event.stopPropagation();
                        close();
                        onChange('');
                        input.current?.focus();
                      }}
                    />
                  )}
                </TextInputGroupUtilities>
              )}
            </TextInputGroup>
          </MenuToggle>
        )}
      >
        <SelectList id={`${id}-list`} aria-label={label}>
          {groups.map((group) => {
            const within = shown.flatMap((each, index) =>
              (each.group ?? '') === group ? [option(each, index)] : [],
            );
            return group === '' ? (
              within
            ) : (
              <SelectGroup key={group} label={group}>
                {within}
              </SelectGroup>
            );
          })}
          {other !== undefined && (
            <SelectOption
              id={optionId(shown.length)}
              value={other}
              isFocused={active === shown.length}
              tabIndex={-1}
            >
              {t('form.choice.other', { typed: other })}
            </SelectOption>
          )}
          {count === 0 && (
            <SelectOption isDisabled>
              {isLoading
                ? t('common.loading')
                : t(options.length === 0 ? 'form.choice.empty' : 'form.choice.none')}
            </SelectOption>
          )}
        </SelectList>
        {more > 0 && <MenuFooter>{t('form.choice.more', { shown: shown.length, more })}</MenuFooter>}
      </Select>
      {error !== undefined && (
        <HelperText>
          <HelperTextItem variant="warning">{error}</HelperTextItem>
        </HelperText>
      )}
    </div>
  );
}
