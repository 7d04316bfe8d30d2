import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import type { VirtualAddressSpec } from './driver.ts';

export interface RenderedKeepalived {
  readonly text: string;
  readonly checkScript: string;
  readonly digest: string;
}

/** Files of one keepalived, below its directory. */
export const keepalivedFiles = {
  check: 'check',
  ready: 'ready',
  pid: 'keepalived.pid',
  vrrpPid: 'vrrp.pid',
} as const;

// musterd says it twice a second; a busy host may be late.
const readyForSeconds = 3;

/**
 * Every member is the same to the others: whoever has the address keeps it until it is not ready any more, so that it
 * does not go to and fro. VRRP 3, which knows IPv6 and intervals below a second.
 */
export function renderKeepalived(spec: VirtualAddressSpec, directory: string): RenderedKeepalived {
  const { address, interface: link, routerId, memberName } = spec;
  const prefix = isIP(address) === 6 ? 128 : 32;
  const text = `# Written by musterd; changes are lost.
global_defs {
    router_id ${memberName}
    vrrp_version 3
    script_user root
    vrrp_garp_master_refresh 10
}
vrrp_script ready {
    script "${directory}/${keepalivedFiles.check}"
    interval 1
    timeout 2
    fall 2
    rise 1
    init_fail
}
vrrp_instance muster {
    state BACKUP
    nopreempt
    interface ${link}
    virtual_router_id ${routerId}
    priority 100
    advert_int 0.5
    track_script {
        ready
    }
    virtual_ipaddress {
        ${address}/${prefix} dev ${link}
    }
}
`;
  const checkScript = `#!/bin/sh
# musterd touches the file while its API answers /readyz with 200; one that hangs or has ended does not.
[ -n "$(find "${directory}/${keepalivedFiles.ready}" -newermt '${readyForSeconds} seconds ago' 2>/dev/null)" ]
`;
  const digest = createHash('sha256').update(text).update(checkScript).digest('hex').slice(0, 12);
  return { text, checkScript, digest };
}
