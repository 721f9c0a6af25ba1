import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { curlCommand, leftOut } from "./curlCommand";

const headers = { "Content-Type": "application/json", "webhook-signature": "[redacted]", "X-Note": "it's $HOME `id`" };
const body = '{"text":"it\'s \\"so\\" $(id) \\n ä"}';

test("a shell hands the request over as it was, whatever it says", () => {
  const command = curlCommand({ url: "https://example.com/hook?a=1&b='2'", headers, body });
  const printed = execFileSync("sh", ["-c", command.replace(/^curl/, "printf '%s\\n'")], { encoding: "utf8" });
  expect(printed.split("\n")).toEqual([
    "-X",
    "POST",
    "https://example.com/hook?a=1&b='2'",
    "-H",
    "Content-Type: application/json",
    "-H",
    "X-Note: it's $HOME `id`",
    "--data-raw",
    body,
    "",
  ]);
});

test("what is left out is known by name", () => {
  expect(leftOut(headers)).toEqual(["webhook-signature"]);
});
