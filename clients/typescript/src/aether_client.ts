/** The client for Aether V3: what there is to import. */

export * from './aether_socket.ts';
export * from './client.ts';
export * from './earlier.ts';
export * from './files.ts';
export * from './objects.ts';
export * from './session.ts';
export * from './transport.ts';
