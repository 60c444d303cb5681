/** The request header in which proxy.ts tells server components the address that was asked for. */
export const ADDRESS_HEADER = 'x-portlight-address';
