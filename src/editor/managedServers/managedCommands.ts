import type { CommandHandler } from '../commands/commandIds';
import type { managedCommandIds } from './managedCommandIds';
import type { ManagedServers } from './managedServers';
import type { ServerActions } from './serverActions';

/** Says what each command about the user's servers does; what carries it out is loaded with the first one. */
export function managedCommands(managed: ManagedServers): Record<(typeof managedCommandIds)[number], CommandHandler> {
  const run =
    (act: (actions: ServerActions, target: unknown) => Promise<void>): CommandHandler =>
    async (target) => {
      const { actions } = await managed.load();
      await act(actions, target);
    };
  return {
    'mcpWorkbench.servers.add': run((actions, target) => actions.add(target)),
    'mcpWorkbench.servers.start': run((actions, target) => actions.start(target)),
    'mcpWorkbench.servers.stop': run((actions, target) => actions.stop(target)),
    'mcpWorkbench.servers.restart': run((actions, target) => actions.restart(target)),
    'mcpWorkbench.servers.showLog': run((actions, target) => actions.showLog(target)),
    'mcpWorkbench.servers.signIn': run((actions, target) => actions.signIn(target)),
    'mcpWorkbench.servers.signOut': run((actions, target) => actions.signOut(target)),
    'mcpWorkbench.servers.inspect': run((actions, target) => actions.inspect(target)),
    'mcpWorkbench.servers.runTool': run((actions, target) => actions.runTool(target)),
    'mcpWorkbench.servers.showItem': run((actions, target) => actions.showItem(target)),
    'mcpWorkbench.servers.check': run((actions, target) => actions.check(target)),
    'mcpWorkbench.servers.showChanges': run((actions, target) => actions.showChanges(target)),
    'mcpWorkbench.servers.acceptChanges': run((actions, target) => actions.acceptChanges(target)),
    'mcpWorkbench.servers.watch': run((actions, target) => actions.watch(target)),
    'mcpWorkbench.servers.unwatch': run((actions, target) => actions.unwatch(target)),
    'mcpWorkbench.servers.route': run((actions, target) => actions.route(target)),
    'mcpWorkbench.servers.unroute': run((actions, target) => actions.unroute(target)),
    'mcpWorkbench.servers.options': run((actions, target) => actions.editOptions(target)),
    'mcpWorkbench.servers.copyConfig': run((actions, target) => actions.copyConfig(target)),
    'mcpWorkbench.servers.openConfig': run((actions, target) => actions.openConfig(target)),
    'mcpWorkbench.servers.forgetValues': run((actions, target) => actions.forgetValues(target)),
    'mcpWorkbench.servers.remove': run((actions, target) => actions.remove(target)),
  };
}
