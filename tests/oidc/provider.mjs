// A certified OpenID Connect provider for the tests: `node provider.mjs PORT RETURN_ADDRESS` (in the folder with its modules).
// Whoever logs in gets in with any password; the groups of a person stand behind their name: 'anna+kennis-staf'.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [port, back] = process.argv.slice(2);
const home = createRequire(pathToFileURL(`${process.cwd()}/package.json`));
const { Provider } = await import(pathToFileURL(home.resolve("oidc-provider")).href);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: "kennismakelaar", client_secret: "alleen-voor-toetsen-van-hier", redirect_uris: [back] }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username", "email", "groups"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["alleen-voor-toetsen"] },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => {
      const [name, ...groups] = id.split("+");
      return { sub: id, preferred_username: name, email: "anna@voorbeeld.nl", groups };
    },
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
