/** Letters of a proposed name: enough that two people who create at once don't meet. */
export const NAME_BYTES = 5;
