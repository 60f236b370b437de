'use strict';

const path = require('node:path');
const webpack = require('webpack');

const dist = path.dirname(require.resolve('@modelcontextprotocol/server'));

/**
 * The SDK's server evaluates Ajv (300 KB, some 10 ms) when it is loaded, and uses it only for elicitation and for tools
 * that are registered with it. This loads it with the first schema.
 */
const lazyValidator = `
  import process from 'node:process';
  export { process };
  export class DefaultJsonSchemaValidator {
    #ajv;
    getValidator(schema) {
      this.#ajv ??= new (require(${JSON.stringify(path.join(dist, 'validators', 'ajv.mjs'))}).AjvJsonSchemaValidator)();
      return this.#ajv.getValidator(schema);
    }
  }`;

/** What bundles with the SDK's server need beside the settings of all bundles. */
module.exports = {
  plugins: [
    new webpack.NormalModuleReplacementPlugin(/^@modelcontextprotocol\/server\/_shims$/, (resource) => {
      resource.request = `data:text/javascript;base64,${Buffer.from(lazyValidator).toString('base64')}`;
    }),
  ],
};
