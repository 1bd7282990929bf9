declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Creates the server of a DynamoDB in memory, which does not listen yet. */
  export default function dynalite(options?: {
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}
