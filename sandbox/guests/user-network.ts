/**
 * The user network that gives exactly one card its address: the card's own /24, with router and name server at the
 * first addresses that are not the card's.
 * @throws when `address` is no IPv4 address with a usable last number.
 */
export function userNetwork(address: string): { net: string; host: string; dns: string; dhcpstart: string } {
  const parts = address.split('.').map(Number);
  const [a, b, c, last = 0] = parts;
  const valid =
    parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  if (!valid || last < 1 || last > 254) throw new Error(`${address} is no IPv4 address for a network card`);
  const [router, dns] = [1, 2, 3].filter((candidate) => candidate !== last);
  const of = (number: number | undefined) => `${a}.${b}.${c}.${number}`;
  return { net: `${of(0)}/24`, host: of(router), dns: of(dns), dhcpstart: address };
}
