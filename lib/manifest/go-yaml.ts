import type { CollectionTag, ScalarTag, Tags } from 'yaml';

const WORD = /^(?:yes|Yes|YES|on|On|ON|no|No|NO|off|Off|OFF)$/;

/**
 * Kubernetes reads YAML with Go's yaml.v2, which knows YAML 1.1's words for true and false and its octal numbers
 * (`defaultMode: 0644`) but not its base-60 numbers (a MAC address stays a string). `yaml`'s core schema plus
 * these two tags reads the same.
 */
const goTags: ScalarTag[] = [
  {
    identify: () => false,
    default: true,
    tag: 'tag:yaml.org,2002:bool',
    test: WORD,
    resolve: (word) => /^(?:yes|on)$/i.test(word),
  },
  {
    identify: () => false,
    default: true,
    tag: 'tag:yaml.org,2002:int',
    test: /^[-+]?0[0-7]+$/,
    resolve: (digits) => Number.parseInt(digits, 8),
  },
];

/** Options under which `yaml` reads a text as Kubernetes would. */
export const READ_OPTIONS = {
  merge: true,
  prettyErrors: false,
  // The parser's own check is quadratic; `parseSource` has a linear one.
  uniqueKeys: false,
  logLevel: 'silent',
  customTags: (tags: Tags): (ScalarTag | CollectionTag)[] => [
    ...goTags,
    ...tags.filter((tag) => typeof tag !== 'string'),
  ],
} as const;
