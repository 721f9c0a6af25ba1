// What receivers do in Node. Reads a question from standard input and answers true or false.
// process.argv[2] is the folder of the packages.
const { createRequire } = require("node:module");
const { createHmac, createPublicKey, timingSafeEqual, verify } = require("node:crypto");
const packages = createRequire(`${process.argv[2]}/`);

const ways = {
  library({ library, key, raw, headers, body }) {
    const { Webhook, WebhookVerificationError } = packages(library);
    const webhook = raw ? new Webhook(Buffer.from(key), { format: "raw" }) : new Webhook(key);
    try {
      webhook.verify(body, headers);
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  },
  asymmetric({ key, headers, body }) {
    const x = Buffer.from(key.replace(/^whpk_/, ""), "base64").toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
    return headers["webhook-signature"]
      .split(" ")
      .map((token) => token.split(","))
      .some(([version, text]) => version === "v1a" && verify(null, signed, publicKey, Buffer.from(text, "base64")));
  },
  product({ key, headers, body }) {
    const expected = Buffer.from("sha256=" + createHmac("sha256", key).update(body).digest("hex"));
    const given = Buffer.from(headers["x-latchhook-signature"]);
    return given.length === expected.length && timingSafeEqual(given, expected);
  },
};

const question = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(ways[question.way](question));
