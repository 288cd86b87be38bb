import { ReplicationControllers } from '../../api/resources.ts';
import type { Properties } from '../property.ts';
import { replicaProperties } from '../replicaset/properties.ts';

export const properties: Properties = replicaProperties(ReplicationControllers);
