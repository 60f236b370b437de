import * as vscode from 'vscode';
import type { ConfigProblem } from '../../mcp/upstream/discovery/configProblem';

/** Shows what is wrong with config files in the Problems view and in the files. */
export class ConfigDiagnostics {
  readonly #collection = vscode.languages.createDiagnosticCollection('mcpWorkbench.servers');

  show(problems: readonly ConfigProblem[]): void {
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const { file, line, column, message, severity, code } of problems) {
      const start = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
      const diagnostic = new vscode.Diagnostic(
        new vscode.Range(start, start),
        message,
        severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
      );
      diagnostic.source = 'MCP Workbench';
      diagnostic.code = code;
      const list = byFile.get(file);
      if (list) list.push(diagnostic);
      else byFile.set(file, [diagnostic]);
    }
    this.#collection.clear();
    for (const [file, diagnostics] of byFile) this.#collection.set(vscode.Uri.file(file), diagnostics);
  }

  dispose(): void {
    this.#collection.dispose();
  }
}
