/** Commands about traffic as files; each has a handler in `trafficFileCommands`. */
export const traceCommandIds = [
  'mcpWorkbench.traffic.save',
  'mcpWorkbench.traffic.compare',
  'mcpWorkbench.traffic.openEarlier',
] as const;
