// A real identity provider: `node provider.mjs PORT REDIRECT_URI`. Whoever logs in is taken for who they say they are.
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const groups = { ines: ["buyers"], ivo: ["it", "buyers"], gast: [] };
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "countersign", client_secret: "only-for-tests", redirect_uris: [redirect] }],
  claims: { openid: ["sub", "groups", "preferred_username"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, groups: groups[id] ?? [], email: `${id}@shop.example`, email_verified: true }),
  }),
  pkce: { required: () => true },
  cookies: { keys: ["only-for-tests"] },
});
provider.listen(Number(port), "127.0.0.1", () => console.log(`listening on ${port}`));
