/** The mark: a porthole with light in it. Decorative: the name stands beside it. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <circle cx="16" cy="16" r="14" fill="none" stroke="currentColor" strokeWidth="3" />
      <circle cx="16" cy="16" r="8.5" fill="#f0ab00" />
      <path d="M9 17.5c2-1.6 4.2-1.6 6.3 0s4.4 1.6 7.7 0a8.5 8.5 0 0 1-14 0z" fill="#004d99" />
    </svg>
  );
}
