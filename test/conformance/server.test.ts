import * as assert from 'node:assert/strict';
import { runSuite, type SuiteResults } from './suiteRun';

/** Scenarios of revisions up to 2025-11-25 that both suites have. */
const legacyScenarios = [
  'server-initialize',
  'logging-set-level',
  'ping',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-with-logging',
  'tools-call-error',
  'tools-call-with-progress',
  'tools-call-sampling',
  'tools-call-elicitation',
  'json-schema-2020-12',
  'elicitation-sep1034-defaults',
  'server-sse-multiple-streams',
  'elicitation-sep1330-enums',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'resources-subscribe',
  'resources-unsubscribe',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
];

const modernScenarios = [
  'server-stateless',
  'completion-complete',
  'tools-list',
  'tools-call-simple-text',
  'tools-call-image',
  'tools-call-audio',
  'tools-call-embedded-resource',
  'tools-call-mixed-content',
  'tools-call-error',
  'tools-call-with-progress',
  'server-sse-multiple-streams',
  'resources-list',
  'resources-read-text',
  'resources-read-binary',
  'resources-templates-read',
  'sep-2164-resource-not-found',
  'prompts-list',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-embedded-resource',
  'prompts-get-with-image',
  'dns-rebinding-protection',
  'caching',
  'input-required-result-basic-elicitation',
  'input-required-result-basic-sampling',
  'input-required-result-basic-list-roots',
  'input-required-result-request-state',
  'input-required-result-multiple-input-requests',
  'input-required-result-multi-round',
  'input-required-result-missing-input-response',
  'input-required-result-non-tool-request',
  'input-required-result-result-type',
  'input-required-result-unsupported-methods',
  'input-required-result-tampered-state',
  'input-required-result-capability-check',
  'input-required-result-ignore-extra-params',
  'input-required-result-validate-input',
  'json-schema-2020-12',
  'http-header-validation',
  'http-custom-header-server-validation',
];

/** Scenarios of the extension `io.modelcontextprotocol/tasks`, which is optional and which we do not declare. */
const taskScenarios = [
  'tasks-lifecycle',
  'tasks-capability-negotiation',
  'tasks-wire-fields',
  'tasks-request-state-removal',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-dispatch-and-envelope',
  'tasks-status-notifications',
  'tasks-required-task-error',
  'tasks-mrtr-composition',
];

describe('conformance suite 0.1.16, all scenarios', () => {
  const results = resultsOf('conformance', ['--suite', 'all']);

  for (const scenario of legacyScenarios) it(scenario, () => assertPassed(results(), scenario));

  // This suite names revision 2025-03-26 in the scenario, in which the events that it looks for do not exist yet, so
  // it only warns. The later suite runs the same scenario with 2025-11-25.
  it('server-sse-polling: answers without the events that its revision does not have', () => {
    const checks = results().get('server-sse-polling') ?? [];
    assert.deepEqual(
      checks.filter(({ status }) => status === 'FAILURE'),
      [],
    );
    const closed = checks.find(({ id }) => id === 'stream-closed');
    assert.equal(closed?.details?.['receivedToolResponse'], true);
  });

  it('ran these scenarios and no others', () => assertRan(results(), [...legacyScenarios, 'server-sse-polling']));
});

describe('conformance suite 0.2.0-alpha.12, requirements of 2025-11-25', () => {
  const results = resultsOf('conformance-next', ['--requirements', '2025-11-25']);
  const scenarios = [...legacyScenarios, 'server-session-lifecycle', 'server-sse-polling'];

  for (const scenario of scenarios) it(scenario, () => assertPassed(results(), scenario));

  it('ran these scenarios and no others', () => assertRan(results(), scenarios));
});

describe('conformance suite 0.2.0-alpha.12, requirements of 2026-07-28', () => {
  const results = resultsOf('conformance-next', ['--requirements', '2026-07-28']);

  for (const scenario of modernScenarios) it(scenario, () => assertPassed(results(), scenario));

  it('offers no tasks, so that the scenarios of that extension do not apply', () => {
    const discovery = results()
      .get('server-stateless')
      ?.find(({ id }) => id === 'sep-2575-server-implements-discover');
    const { capabilities } = (discovery?.details?.['result'] ?? {}) as { capabilities: Record<string, unknown> };
    assert.deepEqual(Object.keys(capabilities).sort(), ['completions', 'logging', 'prompts', 'resources', 'tools']);
  });

  it('ran these scenarios and no others', () => assertRan(results(), [...modernScenarios, ...taskScenarios]));
});

/** Runs a suite before the tests of the surrounding block and gives them its results. */
function resultsOf(...[suite, args]: Parameters<typeof runSuite>): () => SuiteResults {
  let results: SuiteResults | undefined;
  before(async () => {
    results = await runSuite(suite, args);
  });
  return () => {
    assert.ok(results);
    return results;
  };
}

function assertPassed(results: SuiteResults, scenario: string): void {
  const checks = results.get(scenario);
  assert.ok(checks, 'the suite did not run it');
  const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  assert.deepEqual(failed, []);
  // A scenario that crashed before its first check leaves none, and counts as passed in the suite's own summary.
  assert.ok(
    checks.some(({ status }) => status === 'SUCCESS'),
    'no check passed',
  );
}

function assertRan(results: SuiteResults, scenarios: readonly string[]): void {
  assert.deepEqual([...results.keys()].sort(), [...scenarios].sort());
}
