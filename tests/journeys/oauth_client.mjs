// Signs in with openid-client and with oauth4webapi, which is below it, and prints what they got as JSON.
import * as client from "openid-client";
import * as oauth from "oauth4webapi";

const { BASE, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SESSION } = process.env;
const insecure = { [oauth.allowInsecureRequests]: true };

async function allow(url) {
  const response = await fetch(url, { redirect: "manual" });
  const query = new URL(response.headers.get("location")).search.slice(1);
  const decided = await fetch(`${BASE}/oauth/consents`, {
    method: "POST",
    headers: { authorization: SESSION, "content-type": "application/json" },
    body: JSON.stringify({ query, decision: "allow" }),
  });
  return new URL((await decided.json()).redirectTo);
}

async function callApi(token) {
  const response = await fetch(`${BASE}/api-keys`, { headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

async function withOpenidClient() {
  const config = await client.discovery(new URL(BASE), CLIENT_ID, undefined, client.ClientSecretBasic(CLIENT_SECRET), {
    algorithm: "oauth2",
    execute: [client.allowInsecureRequests],
  });
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT_URI,
    scope: "api-keys:read",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
  });
  const tokens = await client.authorizationCodeGrant(config, await allow(url), {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
  const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token);
  const introspected = await client.tokenIntrospection(config, refreshed.access_token);
  const used = await callApi(refreshed.access_token);
  await client.tokenRevocation(config, refreshed.refresh_token);
  const revoked = await callApi(refreshed.access_token);
  const own = await client.clientCredentialsGrant(config, { scope: "api-keys:read" });
  return { active: introspected.active, used, revoked, own: await callApi(own.access_token) };
}

async function withOauth4webapi() {
  const issuer = new URL(BASE);
  const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);
  const app = { client_id: CLIENT_ID };
  const authentication = oauth.ClientSecretPost(CLIENT_SECRET);
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: CLIENT_ID,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "api-keys:read",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
  });
  const answer = oauth.validateAuthResponse(server, app, await allow(url), state);
  const response = await oauth.authorizationCodeGrantRequest(
    server, app, authentication, answer, REDIRECT_URI, verifier, insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, app, response);
  const used = await callApi(tokens.access_token);
  const revocation = await oauth.revocationRequest(server, app, authentication, tokens.refresh_token, insecure);
  await oauth.processRevocationResponse(revocation);
  const refused = await fetch(`${BASE}/api-keys`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  const challenge = refused.headers.get("www-authenticate");
  const metadata = await oauth.resourceDiscoveryRequest(issuer, insecure);
  const resource = await oauth.processResourceDiscoveryResponse(issuer, metadata);
  return { used, revoked: refused.status, challenge, servers: resource.authorization_servers };
}

console.log(JSON.stringify({ openidClient: await withOpenidClient(), oauth4webapi: await withOauth4webapi() }));
