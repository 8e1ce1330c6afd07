// Checks Kubernetes objects (JSON: node manifests.mjs FILE) in two ways that do not share code: against the schemas of
// Kubernetes' own API as kubernetes-models compiles them, and as literals of the API's types, where TypeScript finds
// fields that the API does not have.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';

const kinds = {
  ConfigMap: 'v1', Service: 'v1', ServiceAccount: 'v1', Deployment: 'apps/v1', Job: 'batch/v1', Ingress: 'networking.k8s.io/v1',
  NetworkPolicy: 'networking.k8s.io/v1', PodDisruptionBudget: 'policy/v1', HorizontalPodAutoscaler: 'autoscaling/v2',
};
const faults = [];
const lines = [];
const objects = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const object of objects) {
  const name = `${object.kind}/${object.metadata?.name}`;
  const group = kinds[object.kind];
  if (group === undefined || group !== object.apiVersion) {
    faults.push(`${name}: ${object.apiVersion} is not known here`);
    continue;
  }
  const models = await import(`kubernetes-models/${group}`);
  try {
    new models[object.kind](object).validate();
  } catch (e) {
    faults.push(`${name}: ${e.message}`);
  }
  lines.push(`import type { I${object.kind} as T${lines.length} } from 'kubernetes-models/${group}/${object.kind}'; export const o${lines.length}: T${lines.length} = ${JSON.stringify(object)};`);
}

const file = 'objects.ts';
const options = { noEmit: true, strict: true, skipLibCheck: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [] };
const host = ts.createCompilerHost(options);
const read = host.getSourceFile.bind(host);
host.getSourceFile = (path, version, ...rest) => path === file ? ts.createSourceFile(file, lines.join('\n'), version) : read(path, version, ...rest);
for (const diagnostic of ts.getPreEmitDiagnostics(ts.createProgram([file], options, host))) {
  const line = diagnostic.file?.fileName === file ? diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start).line : -1;
  const object = objects[line];
  faults.push(`${object ? `${object.kind}/${object.metadata?.name}` : diagnostic.file?.fileName}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')}`);
}
console.log(JSON.stringify({ checked: lines.length, faults }));
