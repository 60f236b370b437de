'use strict';

const fs = require('node:fs');
const path = require('node:path');
const webpack = require('webpack');

// The package's `exports` hide all but its entry and its package.json.
const toolkitFolder = path.dirname(require.resolve('@aws-cdk/toolkit-lib/package.json'));
const { name, version } = require('@aws-cdk/toolkit-lib/package.json');

/**
 * The CDK toolkit finds its own files by `__dirname`, which in a bundle is the folder of the chunk. So its chunk and
 * those files are laid out as in its package: `<chunks>/cdk/lib/toolkit.js` beside `<chunks>/cdk/package.json`.
 */
const chunkName = 'cdk/lib/toolkit';

/** Its files, by their place in the package. What compares or deploys resources also needs `db.json.gz` of aws-service-spec. */
const files = {
  'package.json': () => Buffer.from(JSON.stringify({ name, version })),
  'build-info.json': () => fs.readFileSync(path.join(toolkitFolder, 'build-info.json')),
  'lib/api/bootstrap/bootstrap-template.yaml': () =>
    fs.readFileSync(path.join(toolkitFolder, 'lib', 'api', 'bootstrap', 'bootstrap-template.yaml')),
};

/** Writes the toolkit's files beside its chunk. */
class ToolkitFilesPlugin {
  /** @param {import('webpack').Compiler} compiler */
  apply(compiler) {
    compiler.hooks.thisCompilation.tap('ToolkitFilesPlugin', (compilation) => {
      const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONAL;
      compilation.hooks.processAssets.tap({ name: 'ToolkitFilesPlugin', stage }, () => {
        for (const [file, read] of Object.entries(files)) {
          compilation.emitAsset(`chunks/cdk/${file}`, new webpack.sources.RawSource(read()));
        }
      });
    });
  }
}

/** It asks for its version by a `require` of a path known at run time only; in a bundle that finds nothing. */
const packageInfo = `
  export const versionNumber = () => ${JSON.stringify(version)};
  export const displayVersion = versionNumber;
  export const isDeveloperBuild = () => false;`;

/** What the bundle with the CDK tools needs beside the settings of all bundles. Chunks are `chunks/[name].js`. */
module.exports = {
  plugins: [
    new ToolkitFilesPlugin(),
    new webpack.NormalModuleReplacementPlugin(/^\.\/package-info$/, (resource) => {
      if (!resource.context.startsWith(toolkitFolder)) return;
      resource.request = `data:text/javascript;base64,${Buffer.from(packageInfo).toString('base64')}`;
    }),
  ],
  rules: [
    // Loads plug-ins of the CDK CLI by their path; we load none.
    { test: path.join(toolkitFolder, 'lib', 'api', 'plugin', 'plugin.js'), parser: { exprContextCritical: false } },
  ],
  /** For `optimization.splitChunks.cacheGroups`. */
  cacheGroups: {
    cdk: { test: /[\\/]node_modules[\\/]@aws-cdk[\\/]/, name: chunkName, chunks: 'async', enforce: true, priority: 10 },
  },
};
