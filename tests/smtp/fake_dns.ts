/** Replaces node:dns in `connect_by_name.ts`: the system's resolver, with the results that the test case needs. */
export const names: { resolved: readonly string[] | string } = { resolved: [] };

export function lookup(
  _host: string,
  _options: { readonly all: true },
  done: (error: Error | null, found: readonly { readonly address: string }[]) => void,
): void {
  const { resolved } = names;
  if (typeof resolved !== "string") return done(null, resolved.map((address) => ({ address })));
  done(Object.assign(new Error(`getaddrinfo ${resolved}`), { code: resolved }), []);
}
