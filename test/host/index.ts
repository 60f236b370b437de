import * as path from 'node:path';

/** Runs the suite inside the extension host; VS Code waits for it and takes a rejection for a failure. */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({
    ui: 'bdd',
    timeout: 60_000,
    color: true,
    // Found next to the sources: this file is bundled to dist/test.
    reporter: path.join(__dirname, '..', '..', 'test', 'support', 'summaryReporter.cjs'),
  });
  // Makes `describe` and the others known before the files that use them are evaluated.
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  await import(/* webpackMode: "eager" */ './suite/manifest.test');
  await import(/* webpackMode: "eager" */ './suite/mcpProvider.test');
  await import(/* webpackMode: "eager" */ './suite/identity.test');
  await import(/* webpackMode: "eager" */ './suite/policy.test');
  await import(/* webpackMode: "eager" */ './suite/signIn.test');
  await import(/* webpackMode: "eager" */ './suite/serversTree.test');
  await import(/* webpackMode: "eager" */ './suite/externalAccess.test');
  await import(/* webpackMode: "eager" */ './suite/managedServers.test');
  await import(/* webpackMode: "eager" */ './suite/managedRelay.test');
  await import(/* webpackMode: "eager" */ './suite/managedSigning.test');
  await import(/* webpackMode: "eager" */ './suite/managedRouting.test');
  await import(/* webpackMode: "eager" */ './suite/managedFaults.test');
  await import(/* webpackMode: "eager" */ './suite/callByHand.test');
  await import(/* webpackMode: "eager" */ './suite/trafficFiles.test');
  await import(/* webpackMode: "eager" */ './suite/platformPolicy.test');
  await import(/* webpackMode: "eager" */ './suite/platformConsent.test');
  await import(/* webpackMode: "eager" */ './suite/platformAudit.test');
  await import(/* webpackMode: "eager" */ './suite/leftovers.test');
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} tests failed.`);
}
