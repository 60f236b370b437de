import type { ConfigOwner } from './configOwner';
import type { OwnerFormat } from './ownerFormat';
import { claudeCodeFormat } from './owners/claudeCodeFormat';
import { claudeDesktopFormat } from './owners/claudeDesktopFormat';
import { codexFormat } from './owners/codexFormat';
import { cursorFormat } from './owners/cursorFormat';
import { geminiFormat } from './owners/geminiFormat';
import { vscodeFormat } from './owners/vscodeFormat';
import { windsurfFormat } from './owners/windsurfFormat';
import { workbenchFormat } from './owners/workbenchFormat';

/** The format of each owner. */
export const ownerFormats: Readonly<Record<ConfigOwner, OwnerFormat>> = {
  workbench: workbenchFormat,
  vscode: vscodeFormat,
  claudeCode: claudeCodeFormat,
  claudeDesktop: claudeDesktopFormat,
  cursor: cursorFormat,
  windsurf: windsurfFormat,
  codex: codexFormat,
  gemini: geminiFormat,
};
