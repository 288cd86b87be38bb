/** Loads what compiles selectors of devices before an object that has some is validated; servers without such objects do without. */
import { useSelectorCompiler } from '../../api/resource/v1/selector-hook.ts';
import type { CreatePlugin } from './context.ts';

const kinds: ReadonlySet<string> = new Set(['deviceclasses', 'resourceclaims', 'resourceclaimtemplates']);

export const deviceSelectors: CreatePlugin = () => ({
  name: 'DeviceSelectors',
  handles: ({ resource, operation, subresource }) => resource.group === 'resource.k8s.io' && kinds.has(resource.plural) && subresource === '' && (operation === 'CREATE' || operation === 'UPDATE'),
  async mutate(request) {
    if (!JSON.stringify(request.object?.['spec'] ?? '').includes('"cel"')) return;
    const { deviceSelectorFault } = await import('./dynamic/device-selectors.ts');
    useSelectorCompiler(deviceSelectorFault);
  },
});
