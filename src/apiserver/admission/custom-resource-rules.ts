/** Loads what compiles rules in CEL before a CustomResourceDefinition that has rules is validated; servers without such definitions do without. */
import { useRuleCompiler } from '../../api/apiextensions/v1/rule-hook.ts';
import type { CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import { CustomResourceDefinitions } from '../../api/resources.ts';
import type { CreatePlugin } from './context.ts';

const { group, plural } = CustomResourceDefinitions;

export const customResourceRules: CreatePlugin = () => ({
  name: 'CustomResourceRules',
  handles: ({ resource, operation, subresource }) => resource.plural === plural && resource.group === group && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  async mutate(request) {
    const definition = request.object as unknown as CustomResourceDefinition;
    if (!JSON.stringify(definition.spec?.versions ?? '').includes('"x-kubernetes-validations"')) return;
    const { celCompiler } = await import('../crd/rule-checks.ts');
    useRuleCompiler(celCompiler);
  },
});
