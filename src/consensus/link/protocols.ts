/** Application protocols (ALPN) that members speak with each other on their one port. */
export const raftProtocol = 'muster-raft/1';
export const peerProtocol = 'muster-peer/1';
