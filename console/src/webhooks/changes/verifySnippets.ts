/** Code that verifies a delivery; the secret comes from the environment, never from the code. */

export const LANGUAGES = ["Node", "Python"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Whether a secret's key is its base64, as Standard Webhooks' libraries take it; if not, its own characters are. */
export function isBase64(secret: string): boolean {
  const text = secret.replace(/^whsec_/, "");
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

export function snippet(language: Language, secret: string): string {
  const raw = !isBase64(secret);
  if (language === "Node") {
    return [
      `// npm install standardwebhooks`,
      `const { Webhook } = require("standardwebhooks");`,
      ``,
      `const webhook = new Webhook(process.env.WEBHOOK_SECRET${raw ? ', { format: "raw" }' : ""});`,
      `webhook.verify(rawBody, request.headers); // throws if it isn't ours`,
    ].join("\n");
  }
  return [
    `# pip install standardwebhooks`,
    `import os`,
    `from standardwebhooks import Webhook`,
    ``,
    `webhook = Webhook(os.environ["WEBHOOK_SECRET"]${raw ? ".encode()" : ""})`,
    `webhook.verify(raw_body, headers)  # raises if it isn't ours`,
  ].join("\n");
}
