import assert from 'node:assert/strict';
import { approvalText } from '../../../../src/editor/managedServers/approvalText';
import { readConfigText } from '../../../../src/mcp/upstream/discovery/configContents';
import type { ServerEntry } from '../../../../src/mcp/upstream/discovery/serverEntry';
import { configFile } from '../../mcp/discovery/configFixtures';

function entry(server: object): ServerEntry {
  const text = JSON.stringify({ servers: { team: server } }, undefined, 1);
  const [found] = readConfigText(configFile('vscode', 'workspace'), text).entries;
  assert(found);
  return found;
}

const first = { isChange: false, signing: undefined };

describe('approvalText', () => {
  it('shows the whole command, word for word, with what is invisible made visible', () => {
    const { title, detail, isComplete } = approvalText(
      entry({
        command: 'npx',
        args: ['-y', 'a b', '\u202Ecod.exe'],
        env: { TOKEN: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz' },
      }),
      first,
    );
    assert.equal(title, 'Start the MCP server team?');
    assert(isComplete);
    assert.match(detail, / {2}npx\n {4}-y\n {4}"a b"\n/);
    assert.doesNotMatch(detail, /\u202E|ghp_0123/);
  });

  it('says that requests are signed, and as whom', () => {
    const web = entry({ url: 'https://abc.lambda-url.eu-west-1.on.aws/mcp' });
    assert.doesNotMatch(approvalText(web, first).detail, /signed/);
    assert.match(
      approvalText(web, { isChange: false, signing: {} }).detail,
      /on\.aws\/mcp\n.*signed with the AWS credentials of the role that is picked/,
    );
    assert.match(
      approvalText(web, { isChange: true, signing: { profile: 'prod' } }).detail,
      /^Its definition changed[^]*profile prod/,
    );
  });

  it('offers no yes to what does not fit', () => {
    const { detail, isComplete } = approvalText(entry({ command: 'sh', args: ['-c', 'x'.repeat(9000)] }), first);
    assert(!isComplete);
    assert.match(detail, /This is not all of it/);
  });
});
