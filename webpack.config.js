'use strict';

const path = require('node:path');
const cdk = require('./webpack.cdk.js');
const mcp = require('./webpack.mcp.js');

/** Types are checked by `npm run lint`; here they are only removed, which keeps a build at seconds. */
function typescript(tsconfig, target) {
  return { test: /\.ts$/, loader: 'esbuild-loader', options: { target, tsconfig: path.join(__dirname, tsconfig) } };
}

/** @returns {import('webpack').Configuration} what all bundles share. */
function shared(mode) {
  const isProduction = mode === 'production';
  const { EsbuildPlugin } = require('esbuild-loader');
  return {
    mode: isProduction ? 'production' : 'development',
    devtool: isProduction ? false : 'source-map',
    resolve: { extensions: ['.ts', '.mjs', '.js', '.json'] },
    performance: { hints: false },
    stats: 'errors-warnings',
    // esbuild keeps class and function names: error names and SDK command names are read at run time.
    optimization: {
      minimize: isProduction,
      minimizer: [new EsbuildPlugin({ target: 'es2022', keepNames: true, legalComments: 'none' })],
    },
  };
}

/** The extension and the CLI: one compilation, so that they share their lazy chunks. */
function node(mode) {
  const base = shared(mode);
  return {
    ...base,
    name: 'node',
    target: 'node20',
    entry: { extension: './src/extension.ts', cli: './src/cli/cli.ts' },
    output: {
      path: path.join(__dirname, 'dist'),
      filename: '[name].js',
      chunkFilename: 'chunks/[name].js',
      library: { type: 'commonjs2' },
      clean: { keep: /webview|test|screenshots|\.vsix$/ },
    },
    externals: { vscode: 'commonjs vscode' },
    // An import that drags a package into the entry slows every start of the editor, so the build fails.
    performance: { hints: mode === 'production' && 'error', maxEntrypointSize: 60 * 1024, maxAssetSize: Infinity },
    module: { rules: [typescript('tsconfig.json', 'es2022'), ...cdk.rules] },
    plugins: [...cdk.plugins, ...mcp.plugins],
    optimization: {
      ...base.optimization,
      // A chunk that two entries of a lazy part share is loaded once; the CDK toolkit stays apart from all others.
      splitChunks: { chunks: 'async', cacheGroups: cdk.cacheGroups },
    },
  };
}

/** What runs in the inspector's page. */
function webview(mode) {
  const base = shared(mode);
  return {
    ...base,
    name: 'webview',
    target: ['web', 'es2022'],
    entry: { inspector: './webview/inspector.ts' },
    output: { path: path.join(__dirname, 'dist', 'webview'), filename: '[name].js', clean: true },
    module: {
      rules: [
        typescript('webview/tsconfig.json', 'es2022'),
        { test: /\.css$/, type: 'asset/source' },
        { test: /\.ttf$/, type: 'asset/resource', generator: { filename: '[name][ext]' } },
      ],
    },
  };
}

/** The suite that runs inside VS Code; built by the host tests only, never packaged. */
function hostTests(mode) {
  const base = shared(mode);
  return {
    ...base,
    name: 'hostTests',
    target: 'node20',
    devtool: 'source-map',
    entry: {
      host: './test/host/index.ts',
      demoCheck: './test/host/demoCheck.ts',
      activationSuite: './bench/activationSuite.ts',
    },
    output: { path: path.join(__dirname, 'dist', 'test'), filename: '[name].js', library: { type: 'commonjs2' } },
    // mocha is ESM only and finds its reporters on disk, so it stays outside.
    externals: { vscode: 'commonjs vscode', mocha: 'import mocha' },
    module: { rules: [typescript('tsconfig.json', 'es2022')] },
  };
}

module.exports = (env, argv) => {
  const mode = argv.mode ?? 'development';
  return env.test ? [hostTests(mode)] : [node(mode), webview(mode)];
};
