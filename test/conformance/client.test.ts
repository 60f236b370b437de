import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { makeTemporaryFolder, removeFolder } from '../../scripts/toolbox/cache';
import { runPeer, type PeerName } from '../../scripts/toolbox/peers';
import type { Check, SuiteResults } from './suiteRun';

const authScenarios = [
  'auth/metadata-default',
  'auth/metadata-var1',
  'auth/metadata-var2',
  'auth/metadata-var3',
  'auth/basic-cimd',
  'auth/scope-from-www-authenticate',
  'auth/scope-from-scopes-supported',
  'auth/scope-omitted-when-undefined',
  'auth/scope-step-up',
  'auth/scope-retry-limit',
  'auth/token-endpoint-auth-basic',
  'auth/token-endpoint-auth-post',
  'auth/token-endpoint-auth-none',
  'auth/pre-registration',
];

/** What a client of a person who sits in front of an editor has no use for, or what contradicts a later revision. */
const notApplicable: Readonly<Record<string, string>> = {
  'auth/2025-03-26-oauth-metadata-backcompat':
    'its metadata names another issuer than the one asked for, which 2026-07-28 has clients refuse (auth/metadata-issuer-mismatch)',
  'auth/client-credentials-jwt': 'an extension for programs without a person',
  'auth/client-credentials-basic': 'an extension for programs without a person',
  'auth/cross-app-access-complete-flow': 'an extension for identity providers of enterprises',
  'auth/enterprise-managed-authorization': 'an extension for identity providers of enterprises',
  'auth/dpop': 'an extension: tokens bound to a key',
  'auth/dpop-nonce': 'an extension: tokens bound to a key',
  'auth/wif-jwt-bearer': 'an extension for programs that run in a cloud',
};

const suites: { name: string; suite: PeerName; args: string[]; scenarios: string[] }[] = [
  {
    name: '0.1.16, all scenarios',
    suite: 'conformance',
    args: ['--suite', 'all'],
    scenarios: [
      'initialize',
      'tools_call',
      'elicitation-sep1034-client-defaults',
      'sse-retry',
      ...authScenarios,
      'auth/2025-03-26-oauth-endpoint-fallback',
      'auth/resource-mismatch',
      'auth/offline-access-scope',
      'auth/offline-access-not-supported',
    ],
  },
  {
    name: '0.2.0-alpha.12, requirements of 2025-11-25',
    suite: 'conformance-next',
    args: ['--requirements', '2025-11-25'],
    scenarios: [
      'initialize',
      'tools_call',
      'elicitation-sep1034-client-defaults',
      'sse-retry',
      ...authScenarios,
      'json-schema-2020-12-preservation',
    ],
  },
  {
    name: '0.2.0-alpha.12, requirements of 2026-07-28',
    suite: 'conformance-next',
    args: ['--requirements', '2026-07-28'],
    scenarios: [
      'tools_call',
      'request-metadata',
      ...authScenarios,
      'auth/resource-mismatch',
      'auth/offline-access-scope',
      'auth/offline-access-not-supported',
      'auth/authorization-server-migration',
      'auth/iss-supported',
      'auth/iss-not-advertised',
      'auth/iss-supported-missing',
      'auth/iss-wrong-issuer',
      'auth/iss-unexpected',
      'auth/iss-normalized',
      'auth/metadata-issuer-mismatch',
      'sep-2322-client-request-state',
      'http-standard-headers',
      'http-custom-headers',
      'http-invalid-tool-headers',
      'json-schema-ref-no-deref',
      'json-schema-2020-12-preservation',
    ],
  },
];

for (const { name, suite, args, scenarios } of suites) {
  describe(`our client: conformance suite ${name}`, () => {
    let results: SuiteResults;

    before(async () => {
      results = await runClientSuite(suite, args);
    });

    for (const scenario of scenarios) {
      it(scenario, () => {
        const checks = results.get(scenario);
        assert.ok(checks, 'the suite did not run it');
        assert.deepEqual(
          checks.filter(({ status }) => status === 'FAILURE'),
          [],
        );
        // A client that ends before the first check leaves none, and counts as passed in the suite's own summary.
        assert.ok(
          checks.some(({ status }) => status === 'SUCCESS'),
          'no check passed',
        );
      });
    }

    it('ran these scenarios and no others than those that do not apply to us', () => {
      const others = [...results.keys()].filter((scenario) => !(scenario in notApplicable));
      assert.deepEqual(others.sort(), [...scenarios].sort());
    });
  });
}

async function runClientSuite(suite: PeerName, args: readonly string[]): Promise<SuiteResults> {
  const folder = makeTemporaryFolder();
  try {
    const driver = path.join(import.meta.dirname, 'client', 'driver.ts');
    // The suite gives this to a shell.
    const command = [process.execPath, '--require', require.resolve('tsx/cjs'), driver]
      .map((part) => JSON.stringify(part))
      .join(' ');
    const { stdout, stderr } = await runPeer(suite, ['client', '--command', command, ...args, '-o', folder]);
    const results = new Map<string, readonly Check[]>();
    for (const file of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const name = /^(.+)-\d{4}-\d\d-\d\dT[\d-]+Z[\\/]checks\.json$/.exec(file)?.[1];
      if (name === undefined) continue;
      const checks = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8')) as Check[];
      results.set(name.replaceAll('\\', '/'), checks);
    }
    if (results.size === 0) throw new Error(`The suite left no results.\n${stdout}\n${stderr}`);
    return results;
  } finally {
    await removeFolder(folder);
  }
}
