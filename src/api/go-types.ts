/**
 * Go's names of what JSON is read into, for the words in which a wrong value is refused. A line is a type: `field=Type` where a field's type has a name of its own (one
 * without a dot is of the type's own package), `+Struct:a:b` for fields that come from an embedded struct, `+Struct-a` when all but these do.
 * `/` and `//` stand for the packages of apimachinery and of apiextensions.
 */
const LINES = `
admissionregistration.v1.MatchResources matchPolicy=MatchPolicyType
admissionregistration.v1.MutatingAdmissionPolicySpec failurePolicy=FailurePolicyType reinvocationPolicy=ReinvocationPolicyType
admissionregistration.v1.MutatingWebhook failurePolicy=FailurePolicyType matchPolicy=MatchPolicyType sideEffects=SideEffectClass reinvocationPolicy=ReinvocationPolicyType
admissionregistration.v1.Mutation patchType=PatchType
admissionregistration.v1.NamedRuleWithOperations operations=[]OperationType scope=ScopeType +RuleWithOperations:operations +RuleWithOperations.Rule:apiGroups:apiVersions:resources:scope
admissionregistration.v1.ParamRef parameterNotFoundAction=ParameterNotFoundActionType
admissionregistration.v1.RuleWithOperations operations=[]OperationType scope=ScopeType +Rule-operations
admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec validationActions=[]ValidationAction
admissionregistration.v1.ValidatingAdmissionPolicySpec failurePolicy=FailurePolicyType
admissionregistration.v1.ValidatingWebhook failurePolicy=FailurePolicyType matchPolicy=MatchPolicyType sideEffects=SideEffectClass
admissionregistration.v1.Validation reason=StatusReason
admissionregistration.v1alpha1.MatchResources matchPolicy=MatchPolicyType
admissionregistration.v1alpha1.MutatingAdmissionPolicySpec failurePolicy=FailurePolicyType reinvocationPolicy=v1.ReinvocationPolicyType
admissionregistration.v1alpha1.Mutation patchType=PatchType
admissionregistration.v1alpha1.NamedRuleWithOperations operations=[]v1.OperationType scope=v1.ScopeType +RuleWithOperations:operations +RuleWithOperations.Rule:apiGroups:apiVersions:resources:scope
admissionregistration.v1alpha1.ParamRef parameterNotFoundAction=ParameterNotFoundActionType
admissionregistration.v1alpha1.ValidatingAdmissionPolicyBindingSpec validationActions=[]ValidationAction
admissionregistration.v1alpha1.ValidatingAdmissionPolicySpec failurePolicy=FailurePolicyType
admissionregistration.v1alpha1.Validation reason=v1.StatusReason
admissionregistration.v1beta1.MatchResources matchPolicy=MatchPolicyType
admissionregistration.v1beta1.MutatingAdmissionPolicySpec failurePolicy=FailurePolicyType reinvocationPolicy=v1.ReinvocationPolicyType
admissionregistration.v1beta1.MutatingWebhook failurePolicy=FailurePolicyType matchPolicy=MatchPolicyType sideEffects=SideEffectClass reinvocationPolicy=v1.ReinvocationPolicyType
admissionregistration.v1beta1.Mutation patchType=PatchType
admissionregistration.v1beta1.NamedRuleWithOperations operations=[]v1.OperationType scope=v1.ScopeType +RuleWithOperations:operations +RuleWithOperations.Rule:apiGroups:apiVersions:resources:scope
admissionregistration.v1beta1.ParamRef parameterNotFoundAction=ParameterNotFoundActionType
admissionregistration.v1beta1.ValidatingAdmissionPolicyBindingSpec validationActions=[]ValidationAction
admissionregistration.v1beta1.ValidatingAdmissionPolicySpec failurePolicy=FailurePolicyType
admissionregistration.v1beta1.ValidatingWebhook failurePolicy=FailurePolicyType matchPolicy=MatchPolicyType sideEffects=SideEffectClass
admissionregistration.v1beta1.Validation reason=v1.StatusReason
apiserverinternal.v1alpha1.StorageVersionCondition type=StorageVersionConditionType status=ConditionStatus
apps.v1.DaemonSetCondition type=DaemonSetConditionType status=ConditionStatus
apps.v1.DaemonSetUpdateStrategy type=DaemonSetUpdateStrategyType
apps.v1.DeploymentCondition type=DeploymentConditionType status=ConditionStatus
apps.v1.DeploymentStrategy type=DeploymentStrategyType
apps.v1.ReplicaSetCondition type=ReplicaSetConditionType status=ConditionStatus
apps.v1.StatefulSetCondition type=StatefulSetConditionType status=ConditionStatus
apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=PersistentVolumeClaimRetentionPolicyType whenScaled=PersistentVolumeClaimRetentionPolicyType
apps.v1.StatefulSetSpec podManagementPolicy=PodManagementPolicyType
apps.v1.StatefulSetUpdateStrategy type=StatefulSetUpdateStrategyType
apps.v1beta1.DeploymentCondition type=DeploymentConditionType status=v1.ConditionStatus
apps.v1beta1.DeploymentStrategy type=DeploymentStrategyType
apps.v1beta1.StatefulSetCondition type=StatefulSetConditionType status=v1.ConditionStatus
apps.v1beta1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=PersistentVolumeClaimRetentionPolicyType whenScaled=PersistentVolumeClaimRetentionPolicyType
apps.v1beta1.StatefulSetSpec podManagementPolicy=PodManagementPolicyType
apps.v1beta1.StatefulSetUpdateStrategy type=StatefulSetUpdateStrategyType
apps.v1beta2.DaemonSetCondition type=DaemonSetConditionType status=v1.ConditionStatus
apps.v1beta2.DaemonSetUpdateStrategy type=DaemonSetUpdateStrategyType
apps.v1beta2.DeploymentCondition type=DeploymentConditionType status=v1.ConditionStatus
apps.v1beta2.DeploymentStrategy type=DeploymentStrategyType
apps.v1beta2.ReplicaSetCondition type=ReplicaSetConditionType status=v1.ConditionStatus
apps.v1beta2.StatefulSetCondition type=StatefulSetConditionType status=v1.ConditionStatus
apps.v1beta2.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=PersistentVolumeClaimRetentionPolicyType whenScaled=PersistentVolumeClaimRetentionPolicyType
apps.v1beta2.StatefulSetSpec podManagementPolicy=PodManagementPolicyType
apps.v1beta2.StatefulSetUpdateStrategy type=StatefulSetUpdateStrategyType
authentication.v1.BoundObjectReference uid=types.UID
authentication.v1beta1.UserInfo extra=map[string]ExtraValue
authorization.v1beta1.SubjectAccessReviewSpec extra=map[string]ExtraValue
autoscaling.v2.ContainerResourceMetricSource name=v1.ResourceName
autoscaling.v2.ContainerResourceMetricStatus name=v1.ResourceName
autoscaling.v2.HPAScalingPolicy type=HPAScalingPolicyType
autoscaling.v2.HPAScalingRules selectPolicy=ScalingPolicySelect
autoscaling.v2.HorizontalPodAutoscalerCondition type=HorizontalPodAutoscalerConditionType status=v1.ConditionStatus
autoscaling.v2.MetricSpec type=MetricSourceType
autoscaling.v2.MetricStatus type=MetricSourceType
autoscaling.v2.MetricTarget type=MetricTargetType
autoscaling.v2.ResourceMetricSource name=v1.ResourceName
autoscaling.v2.ResourceMetricStatus name=v1.ResourceName
batch.v1.CronJobSpec concurrencyPolicy=ConcurrencyPolicy
batch.v1.JobCondition type=JobConditionType status=ConditionStatus
batch.v1.JobSpec completionMode=CompletionMode podReplacementPolicy=PodReplacementPolicy
batch.v1.PodFailurePolicyOnExitCodesRequirement operator=PodFailurePolicyOnExitCodesOperator
batch.v1.PodFailurePolicyOnPodConditionsPattern type=PodConditionType status=ConditionStatus
batch.v1.PodFailurePolicyRule action=PodFailurePolicyAction
batch.v1.UncountedTerminatedPods succeeded=[]types.UID failed=[]types.UID
batch.v1beta1.CronJobSpec concurrencyPolicy=ConcurrencyPolicy
certificates.v1.CertificateSigningRequestCondition type=RequestConditionType status=ConditionStatus
certificates.v1.CertificateSigningRequestSpec usages=[]KeyUsage
certificates.v1beta1.CertificateSigningRequestCondition type=RequestConditionType status=v1.ConditionStatus
certificates.v1beta1.CertificateSigningRequestSpec usages=[]KeyUsage extra=map[string]ExtraValue
certificates.v1beta1.PodCertificateRequestSpec podUID=types.UID serviceAccountUID=types.UID nodeName=types.NodeName nodeUID=types.UID
coordination.v1.LeaseSpec strategy=CoordinatedLeaseStrategy
coordination.v1alpha2.LeaseCandidateSpec strategy=v1.CoordinatedLeaseStrategy
coordination.v1beta1.LeaseCandidateSpec strategy=v1.CoordinatedLeaseStrategy
coordination.v1beta1.LeaseSpec strategy=v1.CoordinatedLeaseStrategy
core.v1.AppArmorProfile type=AppArmorProfileType
core.v1.AttachedVolume name=UniqueVolumeName
core.v1.AzureDiskVolumeSource cachingMode=AzureDataDiskCachingMode kind=AzureDataDiskKind
core.v1.Capabilities add=[]Capability drop=[]Capability
core.v1.ComponentCondition type=ComponentConditionType status=ConditionStatus
core.v1.ConfigMapEnvSource +LocalObjectReference:name
core.v1.ConfigMapKeySelector +LocalObjectReference:name
core.v1.ConfigMapNodeConfigSource uid=types.UID
core.v1.ConfigMapProjection +LocalObjectReference:name
core.v1.ConfigMapVolumeSource +LocalObjectReference:name
core.v1.Container restartPolicy=ContainerRestartPolicy terminationMessagePolicy=TerminationMessagePolicy imagePullPolicy=PullPolicy
core.v1.ContainerPort protocol=Protocol
core.v1.ContainerResizePolicy resourceName=ResourceName restartPolicy=ResourceResizeRestartPolicy
core.v1.ContainerRestartRule action=ContainerRestartRuleAction
core.v1.ContainerRestartRuleOnExitCodes operator=ContainerRestartRuleOnExitCodesOperator
core.v1.ContainerStatus allocatedResources=ResourceList stopSignal=Signal
core.v1.EmptyDirVolumeSource medium=StorageMedium
core.v1.EndpointPort protocol=Protocol
core.v1.EphemeralContainer restartPolicy=ContainerRestartPolicy terminationMessagePolicy=TerminationMessagePolicy imagePullPolicy=PullPolicy +EphemeralContainerCommon-targetContainerName
core.v1.HTTPGetAction scheme=URIScheme
core.v1.HostPathVolumeSource type=HostPathType
core.v1.ImageVolumeSource pullPolicy=PullPolicy
core.v1.Lifecycle stopSignal=Signal
core.v1.LimitRangeItem type=LimitType max=ResourceList min=ResourceList default=ResourceList defaultRequest=ResourceList maxLimitRequestRatio=ResourceList
core.v1.LoadBalancerIngress ipMode=LoadBalancerIPMode
core.v1.ModifyVolumeStatus status=PersistentVolumeClaimModifyVolumeStatus
core.v1.NamespaceCondition type=NamespaceConditionType status=ConditionStatus
core.v1.NamespaceSpec finalizers=[]FinalizerName
core.v1.NamespaceStatus phase=NamespacePhase
core.v1.NodeAddress type=NodeAddressType
core.v1.NodeAllocatableResourceClaimStatus resources=map[ResourceName]resource.Quantity
core.v1.NodeCondition type=NodeConditionType status=ConditionStatus
core.v1.NodeSelectorRequirement operator=NodeSelectorOperator
core.v1.NodeStatus capacity=ResourceList allocatable=ResourceList phase=NodePhase volumesInUse=[]UniqueVolumeName
core.v1.ObjectReference uid=types.UID
core.v1.PersistentVolumeClaimCondition type=PersistentVolumeClaimConditionType status=ConditionStatus
core.v1.PersistentVolumeClaimSpec accessModes=[]PersistentVolumeAccessMode volumeMode=PersistentVolumeMode
core.v1.PersistentVolumeClaimStatus phase=PersistentVolumeClaimPhase accessModes=[]PersistentVolumeAccessMode capacity=ResourceList allocatedResources=ResourceList allocatedResourceStatuses=map[ResourceName]ClaimResourceStatus
core.v1.PersistentVolumeSpec capacity=ResourceList accessModes=[]PersistentVolumeAccessMode persistentVolumeReclaimPolicy=PersistentVolumeReclaimPolicy volumeMode=PersistentVolumeMode +PersistentVolumeSource-capacity-accessModes-claimRef-persistentVolumeReclaimPolicy-storageClassName-mountOptions-volumeMode-nodeAffinity-volumeAttributesClassName
core.v1.PersistentVolumeStatus phase=PersistentVolumePhase
core.v1.PodCondition type=PodConditionType status=ConditionStatus
core.v1.PodOS name=OSName
core.v1.PodReadinessGate conditionType=PodConditionType
core.v1.PodSecurityContext supplementalGroupsPolicy=SupplementalGroupsPolicy fsGroupChangePolicy=PodFSGroupChangePolicy seLinuxChangePolicy=PodSELinuxChangePolicy
core.v1.PodSpec restartPolicy=RestartPolicy dnsPolicy=DNSPolicy preemptionPolicy=PreemptionPolicy overhead=ResourceList
core.v1.PodStatus phase=PodPhase qosClass=PodQOSClass resize=PodResizeStatus allocatedResources=ResourceList
core.v1.PortStatus protocol=Protocol
core.v1.Probe +ProbeHandler:exec:httpGet:tcpSocket:grpc
core.v1.ReplicationControllerCondition type=ReplicationControllerConditionType status=ConditionStatus
core.v1.ResourceHealth resourceID=ResourceID health=ResourceHealthStatus
core.v1.ResourceQuotaSpec hard=ResourceList scopes=[]ResourceQuotaScope
core.v1.ResourceQuotaStatus hard=ResourceList used=ResourceList
core.v1.ResourceRequirements limits=ResourceList requests=ResourceList
core.v1.ResourceStatus name=ResourceName
core.v1.ScopedResourceSelectorRequirement scopeName=ResourceQuotaScope operator=ScopeSelectorOperator
core.v1.SeccompProfile type=SeccompProfileType
core.v1.Secret type=SecretType
core.v1.SecretEnvSource +LocalObjectReference:name
core.v1.SecretKeySelector +LocalObjectReference:name
core.v1.SecretProjection +LocalObjectReference:name
core.v1.SecurityContext procMount=ProcMountType
core.v1.ServicePort protocol=Protocol
core.v1.ServiceSpec type=ServiceType sessionAffinity=ServiceAffinity externalTrafficPolicy=ServiceExternalTrafficPolicy ipFamilies=[]IPFamily ipFamilyPolicy=IPFamilyPolicy internalTrafficPolicy=ServiceInternalTrafficPolicy
core.v1.Taint effect=TaintEffect
core.v1.Toleration operator=TolerationOperator effect=TaintEffect
core.v1.TopologySpreadConstraint whenUnsatisfiable=UnsatisfiableConstraintAction nodeAffinityPolicy=NodeInclusionPolicy nodeTaintsPolicy=NodeInclusionPolicy
core.v1.Volume +VolumeSource-name
core.v1.VolumeMount recursiveReadOnly=RecursiveReadOnlyMode mountPropagation=MountPropagationMode
core.v1.VolumeMountStatus recursiveReadOnly=RecursiveReadOnlyMode
core.v1.VolumeResourceRequirements limits=ResourceList requests=ResourceList
discovery.v1.EndpointPort protocol=Protocol
discovery.v1.EndpointSlice addressType=AddressType
discovery.v1beta1.EndpointPort protocol=v1.Protocol
discovery.v1beta1.EndpointSlice addressType=AddressType
extensions.v1beta1.DaemonSetCondition type=DaemonSetConditionType status=v1.ConditionStatus
extensions.v1beta1.DaemonSetUpdateStrategy type=DaemonSetUpdateStrategyType
extensions.v1beta1.DeploymentCondition type=DeploymentConditionType status=v1.ConditionStatus
extensions.v1beta1.DeploymentStrategy type=DeploymentStrategyType
extensions.v1beta1.HTTPIngressPath pathType=PathType
extensions.v1beta1.IngressPortStatus protocol=v1.Protocol
extensions.v1beta1.IngressRule +IngressRuleValue:http
extensions.v1beta1.NetworkPolicyPort protocol=v1.Protocol
extensions.v1beta1.NetworkPolicySpec policyTypes=[]PolicyType
extensions.v1beta1.ReplicaSetCondition type=ReplicaSetConditionType status=v1.ConditionStatus
flowcontrol.v1.FlowDistinguisherMethod type=FlowDistinguisherMethodType
flowcontrol.v1.FlowSchemaCondition type=FlowSchemaConditionType status=ConditionStatus
flowcontrol.v1.LimitResponse type=LimitResponseType
flowcontrol.v1.PriorityLevelConfigurationCondition type=PriorityLevelConfigurationConditionType status=ConditionStatus
flowcontrol.v1.PriorityLevelConfigurationSpec type=PriorityLevelEnablement
flowcontrol.v1.Subject kind=SubjectKind
flowcontrol.v1beta1.FlowDistinguisherMethod type=FlowDistinguisherMethodType
flowcontrol.v1beta1.FlowSchemaCondition type=FlowSchemaConditionType status=ConditionStatus
flowcontrol.v1beta1.LimitResponse type=LimitResponseType
flowcontrol.v1beta1.PriorityLevelConfigurationCondition type=PriorityLevelConfigurationConditionType status=ConditionStatus
flowcontrol.v1beta1.PriorityLevelConfigurationSpec type=PriorityLevelEnablement
flowcontrol.v1beta1.Subject kind=SubjectKind
flowcontrol.v1beta2.FlowDistinguisherMethod type=FlowDistinguisherMethodType
flowcontrol.v1beta2.FlowSchemaCondition type=FlowSchemaConditionType status=ConditionStatus
flowcontrol.v1beta2.LimitResponse type=LimitResponseType
flowcontrol.v1beta2.PriorityLevelConfigurationCondition type=PriorityLevelConfigurationConditionType status=ConditionStatus
flowcontrol.v1beta2.PriorityLevelConfigurationSpec type=PriorityLevelEnablement
flowcontrol.v1beta2.Subject kind=SubjectKind
flowcontrol.v1beta3.FlowDistinguisherMethod type=FlowDistinguisherMethodType
flowcontrol.v1beta3.FlowSchemaCondition type=FlowSchemaConditionType status=ConditionStatus
flowcontrol.v1beta3.LimitResponse type=LimitResponseType
flowcontrol.v1beta3.PriorityLevelConfigurationCondition type=PriorityLevelConfigurationConditionType status=ConditionStatus
flowcontrol.v1beta3.PriorityLevelConfigurationSpec type=PriorityLevelEnablement
flowcontrol.v1beta3.Subject kind=SubjectKind
networking.v1.HTTPIngressPath pathType=PathType
networking.v1.IngressPortStatus protocol=Protocol
networking.v1.IngressRule +IngressRuleValue:http
networking.v1.NetworkPolicyPort protocol=Protocol
networking.v1.NetworkPolicySpec policyTypes=[]PolicyType
networking.v1beta1.HTTPIngressPath pathType=PathType
networking.v1beta1.IngressPortStatus protocol=v1.Protocol
networking.v1beta1.IngressRule +IngressRuleValue:http
node.v1.Overhead podFixed=ResourceList
node.v1alpha1.Overhead podFixed=v1.ResourceList
node.v1beta1.Overhead podFixed=v1.ResourceList
policy.v1.PodDisruptionBudgetSpec unhealthyPodEvictionPolicy=UnhealthyPodEvictionPolicyType
policy.v1beta1.PodDisruptionBudgetSpec unhealthyPodEvictionPolicy=UnhealthyPodEvictionPolicyType
resource.v1.CapacityRequirements requests=map[QualifiedName]resource.Quantity
resource.v1.Device attributes=map[QualifiedName]DeviceAttribute capacity=map[QualifiedName]DeviceCapacity nodeAllocatableResourceMappings=map[ResourceName]NodeAllocatableResourceMapping
resource.v1.DeviceAllocationConfiguration source=AllocationConfigSource +DeviceConfiguration:opaque
resource.v1.DeviceClaimConfiguration +DeviceConfiguration:opaque
resource.v1.DeviceClassConfiguration +DeviceConfiguration-
resource.v1.DeviceConstraint matchAttribute=FullyQualifiedName distinctAttribute=FullyQualifiedName
resource.v1.DeviceRequestAllocationResult shareID=types.UID consumedCapacity=map[QualifiedName]resource.Quantity
resource.v1.DeviceSubRequest allocationMode=DeviceAllocationMode
resource.v1.DeviceTaint effect=DeviceTaintEffect
resource.v1.DeviceToleration operator=DeviceTolerationOperator effect=DeviceTaintEffect
resource.v1.ExactDeviceRequest allocationMode=DeviceAllocationMode
resource.v1.NodeAllocatableResourceMapping capacityKey=QualifiedName
resource.v1.ResourceClaimConsumerReference uid=types.UID
resource.v1alpha3.DeviceTaint effect=DeviceTaintEffect
resource.v1beta1.BasicDevice attributes=map[QualifiedName]DeviceAttribute capacity=map[QualifiedName]DeviceCapacity nodeAllocatableResourceMappings=map[v1.ResourceName]NodeAllocatableResourceMapping
resource.v1beta1.CapacityRequirements requests=map[QualifiedName]resource.Quantity
resource.v1beta1.DeviceAllocationConfiguration source=AllocationConfigSource +DeviceConfiguration:opaque
resource.v1beta1.DeviceClaimConfiguration +DeviceConfiguration:opaque
resource.v1beta1.DeviceClassConfiguration +DeviceConfiguration-
resource.v1beta1.DeviceConstraint matchAttribute=FullyQualifiedName distinctAttribute=FullyQualifiedName
resource.v1beta1.DeviceRequest allocationMode=DeviceAllocationMode
resource.v1beta1.DeviceRequestAllocationResult shareID=types.UID consumedCapacity=map[QualifiedName]resource.Quantity
resource.v1beta1.DeviceSubRequest allocationMode=DeviceAllocationMode
resource.v1beta1.DeviceTaint effect=DeviceTaintEffect
resource.v1beta1.DeviceToleration operator=DeviceTolerationOperator effect=DeviceTaintEffect
resource.v1beta1.NodeAllocatableResourceMapping capacityKey=QualifiedName
resource.v1beta1.ResourceClaimConsumerReference uid=types.UID
resource.v1beta2.CapacityRequirements requests=map[QualifiedName]resource.Quantity
resource.v1beta2.Device attributes=map[QualifiedName]DeviceAttribute capacity=map[QualifiedName]DeviceCapacity nodeAllocatableResourceMappings=map[v1.ResourceName]NodeAllocatableResourceMapping
resource.v1beta2.DeviceAllocationConfiguration source=AllocationConfigSource +DeviceConfiguration:opaque
resource.v1beta2.DeviceClaimConfiguration +DeviceConfiguration:opaque
resource.v1beta2.DeviceClassConfiguration +DeviceConfiguration-
resource.v1beta2.DeviceConstraint matchAttribute=FullyQualifiedName distinctAttribute=FullyQualifiedName
resource.v1beta2.DeviceRequestAllocationResult shareID=types.UID consumedCapacity=map[QualifiedName]resource.Quantity
resource.v1beta2.DeviceSubRequest allocationMode=DeviceAllocationMode
resource.v1beta2.DeviceTaint effect=DeviceTaintEffect
resource.v1beta2.DeviceToleration operator=DeviceTolerationOperator effect=DeviceTaintEffect
resource.v1beta2.ExactDeviceRequest allocationMode=DeviceAllocationMode
resource.v1beta2.NodeAllocatableResourceMapping capacityKey=QualifiedName
resource.v1beta2.ResourceClaimConsumerReference uid=types.UID
scheduling.v1.PriorityClass preemptionPolicy=PreemptionPolicy
scheduling.v1alpha2.PodGroupSpec disruptionMode=DisruptionMode
scheduling.v1alpha2.PodGroupTemplate disruptionMode=DisruptionMode
scheduling.v1beta1.PriorityClass preemptionPolicy=v1.PreemptionPolicy
storage.v1.CSIDriverSpec volumeLifecycleModes=[]VolumeLifecycleMode fsGroupPolicy=FSGroupPolicy
storage.v1.StorageClass reclaimPolicy=PersistentVolumeReclaimPolicy volumeBindingMode=VolumeBindingMode
storage.v1beta1.CSIDriverSpec volumeLifecycleModes=[]VolumeLifecycleMode fsGroupPolicy=FSGroupPolicy
storage.v1beta1.StorageClass reclaimPolicy=v1.PersistentVolumeReclaimPolicy volumeBindingMode=VolumeBindingMode
//apiextensions.v1.ConversionRequest uid=types.UID
//apiextensions.v1.ConversionResponse uid=types.UID
//apiextensions.v1.CustomResourceConversion strategy=ConversionStrategyType
//apiextensions.v1.CustomResourceDefinitionCondition type=CustomResourceDefinitionConditionType status=ConditionStatus
//apiextensions.v1.CustomResourceDefinitionSpec scope=ResourceScope
//apiextensions.v1.JSONSchemaProps $schema=JSONSchemaURL items=JSONSchemaPropsOrArray additionalProperties=JSONSchemaPropsOrBool dependencies=JSONSchemaDependencies additionalItems=JSONSchemaPropsOrBool definitions=JSONSchemaDefinitions x-kubernetes-validations=ValidationRules
//apiextensions.v1.ValidationRule reason=FieldValueErrorReason
/meta.v1.APIResource verbs=Verbs
/meta.v1.Condition status=ConditionStatus
/meta.v1.DeleteOptions propagationPolicy=DeletionPropagation
/meta.v1.FieldSelectorRequirement operator=FieldSelectorOperator
/meta.v1.LabelSelectorRequirement operator=LabelSelectorOperator
/meta.v1.ListOptions resourceVersionMatch=ResourceVersionMatch
/meta.v1.ManagedFieldsEntry operation=ManagedFieldsOperationType
/meta.v1.ObjectMeta uid=types.UID
/meta.v1.OwnerReference uid=types.UID
/meta.v1.Preconditions uid=types.UID
/meta.v1.Status reason=StatusReason
/meta.v1.StatusCause reason=CauseType
/meta.v1.StatusDetails uid=types.UID
/meta.v1.TableOptions includeObject=IncludeObjectPolicy
/meta.v1.TableRow cells=[]interface {}
/meta.v1.TableRowCondition type=RowConditionType status=ConditionStatus
`;

interface GoFields {
  types: ReadonlyMap<string, string>;
  embedded: readonly { path: string; fields: ReadonlySet<string>; others: boolean }[];
}

let known: Map<string, string> | undefined;

function lineOf(schema: string): string | undefined {
  known ??= new Map(LINES.trim().split('\n').map((line) => {
    const space = line.indexOf(' ');
    const name = line.slice(0, space);
    const full = name.startsWith('//') ? `io.k8s.apiextensions-apiserver.pkg.apis.${name.slice(2)}` : name.startsWith('/') ? `io.k8s.apimachinery.pkg.apis.${name.slice(1)}` : `io.k8s.api.${name}`;
    return [full, line.slice(space + 1)];
  }));
  return known.get(schema);
}

function fieldsOf(schema: string): GoFields {
  const types = new Map<string, string>();
  const embedded: { path: string; fields: Set<string>; others: boolean }[] = [];
  for (const part of (lineOf(schema) ?? '').split(' ').filter((word) => word !== '')) {
    const struct = /^\+([\w.]+)([-:])(.*)$/.exec(part);
    if (struct !== null) embedded.push({ path: struct[1]!, fields: new Set(struct[3]!.split(struct[2]!)), others: struct[2] === '-' });
    else types.set(part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1));
  }
  return { types, embedded };
}

/** Go's type of a field, its own names filled in; undefined where it is what the field's kind says. */
export function goTypeOfField(schema: string, field: string): string | undefined {
  const type = fieldsOf(schema).types.get(field);
  // Names of the own package are written without it.
  return type?.replace(/(?<![\w.])[A-Z]\w*/g, (name) => `${schema.split('.').at(-2)!}.${name}`);
}

/** The field with the structs around it that JSON does not show, as Go names the place: `VolumeSource.hostPath`. */
export function goFieldPath(schema: string, field: string): string {
  const found = fieldsOf(schema).embedded.find(({ fields, others }) => fields.has(field) !== others);
  return found === undefined ? field : `${found.path}.${field}`;
}

/** The type of an element of a list or map, by the type of the whole; undefined where that has a name of its own. */
export function goElementType(whole: string): string | undefined {
  return /^(?:\[\]|map\[[\w.]+\])(.+)$/.exec(whole)?.[1];
}
