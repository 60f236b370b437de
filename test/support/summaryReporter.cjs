const fs = require('node:fs');
const { reporters } = require('mocha');

/**
 * Mocha's spec reporter that also leaves its counts for `scripts/test.ts`.
 *
 * At the end of a run it appends one line of JSON, `{ suite, passed, failed, skipped }`, to the file that the environment
 * variable MCP_WORKBENCH_TEST_REPORT names. It is CommonJS without a build step so that Mocha's command line and a suite inside
 * VS Code's extension host load the same file: `new Mocha({ reporter: require('…/test/support/summaryReporter.cjs') })`.
 */
class SummaryReporter extends reporters.Spec {
  /**
   * @param {import('mocha').Runner} runner
   * @param {import('mocha').MochaOptions} options
   */
  constructor(runner, options) {
    super(runner, options);
    const counts = { suite: process.env['MCP_WORKBENCH_TEST_SUITE'] ?? 'mocha', passed: 0, failed: 0, skipped: 0 };
    runner.on('pass', () => counts.passed++);
    runner.on('fail', () => counts.failed++);
    runner.on('pending', () => counts.skipped++);
    // The editor in a browser drops a key or a click now and then. A second try may pass, but never in silence.
    runner.on('retry', (test, error) => console.log(`    tried again: ${test.fullTitle()}: ${error.message}`));
    runner.once('end', () => {
      const file = process.env['MCP_WORKBENCH_TEST_REPORT'];
      if (file) fs.appendFileSync(file, `${JSON.stringify(counts)}\n`);
    });
  }
}

module.exports = SummaryReporter;
