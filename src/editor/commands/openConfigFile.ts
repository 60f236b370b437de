import * as vscode from 'vscode';

/** Opens the AWS config file, or a new one of that name with a hint where there is none. It is written only by saving. */
export async function openConfigFile(file: string): Promise<void> {
  const uri = vscode.Uri.file(file);
  const exists = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  const document = await vscode.workspace.openTextDocument(exists ? uri : uri.with({ scheme: 'untitled' }));
  const editor = await vscode.window.showTextDocument(document);
  if (exists || document.getText() !== '') return;
  await editor.insertSnippet(
    new vscode.SnippetString(
      [
        '# The AWS CLI reads this file, too. Sign in with: aws sso login --profile ${3:dev}',
        '[sso-session ${1:my-org}]',
        'sso_start_url = https://${2:my-org}.awsapps.com/start',
        'sso_region = us-east-1',
        'sso_registration_scopes = sso:account:access',
        '',
        '[profile ${3:dev}]',
        'sso_session = ${1:my-org}',
        'sso_account_id = ${4:111122223333}',
        'sso_role_name = ${5:Developer}',
        'region = ${6:us-east-1}',
        '$0',
      ].join('\n'),
    ),
  );
}
