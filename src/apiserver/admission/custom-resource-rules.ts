/** Refuses CustomResourceDefinitions whose rules in CEL do not compile or would cost too much. What needs CEL is loaded for definitions that have rules. */
import { sameJson } from '../../api/apiextensions/schema/index.ts';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { invalid } from '../../api/meta/status.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import type { CreatePlugin } from './context.ts';

const { group, plural } = CustomResourceDefinitions;

export const customResourceRules: CreatePlugin = () => ({
  name: 'CustomResourceRules',
  handles: ({ resource, operation, subresource }) => resource.plural === plural && resource.group === group && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  async validate(request) {
    const definition = request.object as unknown as CustomResourceDefinition;
    const old = request.oldObject as unknown as CustomResourceDefinition | undefined;
    // Rules that are stored were let in by the server of their day.
    if (old !== undefined && sameJson(old.spec.versions, definition.spec.versions)) return;
    if (!JSON.stringify(definition.spec.versions).includes('"x-kubernetes-validations"')) return;
    const { checkRules } = await import('../crd/rule-checks.ts');
    const errors = checkRules(definition);
    if (errors.length > 0) throw invalid(CustomResourceDefinitions, request.name, errors);
  },
});
