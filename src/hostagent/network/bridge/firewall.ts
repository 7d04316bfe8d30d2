import type { NetworkSpec } from '../driver.ts';

/** Chains carry the digest of the rules in a name of their own: the host says by itself which rules it has. */
export const digestChainPrefix = 'rules_';

export function firewallTable(networkInterface: string): string {
  return `muster.${networkInterface}`;
}

/**
 * One table per network, replaced as a whole: nft applies a script in one step or not at all. The first line
 * makes the table if need be, so that the second can always delete it.
 */
export function buildFirewall(spec: NetworkSpec, digest: string): string {
  const table = `inet ${firewallTable(spec.interface)}`;
  const name = `"${spec.interface}"`;
  return `table ${table}
delete table ${table}
table ${table} {
  chain ${digestChainPrefix}${digest} {
  }
  chain input {
    type filter hook input priority filter; policy accept;
    iifname ${name} udp dport { 53, 67, 547 } accept
    iifname ${name} tcp dport 53 accept
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname ${name} accept
    oifname ${name} accept
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
${natRules(spec).join('')}  }
}
`;
}

function natRules({ ipv4, ipv6 }: NetworkSpec): readonly string[] {
  const rule = (family: 'ip' | 'ip6', subnet: string): string =>
    `    ${family} saddr ${subnet} ${family} daddr != ${subnet} masquerade\n`;
  return [
    ...(ipv4?.hasNat === true ? [rule('ip', ipv4.address)] : []),
    ...(ipv6?.hasNat === true ? [rule('ip6', ipv6.address)] : []),
  ];
}
