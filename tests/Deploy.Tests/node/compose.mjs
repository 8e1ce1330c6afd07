// Checks a compose file (JSON: node compose.mjs FILE) against the compose specification's schema, as the linter dclint carries it.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

const schema = JSON.parse(readFileSync('node_modules/dclint/schemas/compose.schema.json', 'utf8'));
delete schema.$schema;
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
const validate = ajv.compile(schema);
validate(JSON.parse(readFileSync(process.argv[2], 'utf8')));
console.log(JSON.stringify({ checked: 1, faults: (validate.errors ?? []).map((e) => `${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`) }));
