package main

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/util/retry"
)

func intOrString(value string) *intstr.IntOrString {
	parsed := intstr.Parse(value)
	return &parsed
}

func asStatus(err error, status *apierrors.APIStatus) bool { return errors.As(err, status) }

func template() corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "kinds"}},
		Spec:       corev1.PodSpec{NodeSelector: map[string]string{"no": "where"}, Containers: []corev1.Container{{Name: "c", Image: "none:1", Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}},
	}
}

func jobTemplate() batchv1.JobSpec {
	spec := batchv1.JobSpec{Template: template()}
	spec.Template.Spec.RestartPolicy = corev1.RestartPolicyNever
	return spec
}

var selector = &metav1.LabelSelector{MatchLabels: map[string]string{"app": "kinds"}}
var one int32 = 1

// An object of many kinds: each is written in protobuf and must be read back the same in JSON.
func objects() map[string]runtime.Object {
	named := metav1.ObjectMeta{Name: "kinds"}
	path := networkingv1.PathTypePrefix
	pods := template()
	return map[string]runtime.Object{
		"pods":                     &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "kinds", Labels: pods.Labels}, Spec: pods.Spec},
		"secrets":                  &corev1.Secret{ObjectMeta: named, Data: map[string][]byte{"k": {0, 1, 255}}, Type: corev1.SecretTypeOpaque},
		"services":                 &corev1.Service{ObjectMeta: named, Spec: corev1.ServiceSpec{Selector: selector.MatchLabels, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}}}},
		"persistentvolumeclaims":   &corev1.PersistentVolumeClaim{ObjectMeta: named, Spec: corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce}, Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{"storage": quantity("1Gi")}}}},
		"resourcequotas":           &corev1.ResourceQuota{ObjectMeta: named, Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/widgets.example.com": quantity("5")}}},
		"limitranges":              &corev1.LimitRange{ObjectMeta: named, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypePersistentVolumeClaim, Max: corev1.ResourceList{"storage": quantity("100Gi")}}}}},
		"podtemplates":             &corev1.PodTemplate{ObjectMeta: named, Template: template()},
		"replicationcontrollers":   &corev1.ReplicationController{ObjectMeta: named, Spec: corev1.ReplicationControllerSpec{Replicas: &one, Selector: selector.MatchLabels, Template: &pods}},
		"deployments":              &appsv1.Deployment{ObjectMeta: named, Spec: appsv1.DeploymentSpec{Replicas: &one, Selector: selector, Template: template()}},
		"replicasets":              &appsv1.ReplicaSet{ObjectMeta: named, Spec: appsv1.ReplicaSetSpec{Replicas: &one, Selector: selector, Template: template()}},
		"statefulsets":             &appsv1.StatefulSet{ObjectMeta: named, Spec: appsv1.StatefulSetSpec{Replicas: &one, Selector: selector, Template: template(), ServiceName: "kinds"}},
		"daemonsets":               &appsv1.DaemonSet{ObjectMeta: named, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template()}},
		"jobs":                     &batchv1.Job{ObjectMeta: named, Spec: jobTemplate()},
		"cronjobs":                 &batchv1.CronJob{ObjectMeta: named, Spec: batchv1.CronJobSpec{Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{Spec: jobTemplate()}}},
		"horizontalpodautoscalers": &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: named, Spec: autoscalingv2.HorizontalPodAutoscalerSpec{MaxReplicas: 3, ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: "none"}}},
		"poddisruptionbudgets":     &policyv1.PodDisruptionBudget{ObjectMeta: named, Spec: policyv1.PodDisruptionBudgetSpec{MaxUnavailable: intOrString("10%"), Selector: selector}},
		"ingresses":                &networkingv1.Ingress{ObjectMeta: named, Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{Host: "a.example", IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{Path: "/", PathType: &path, Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "kinds", Port: networkingv1.ServiceBackendPort{Number: 80}}}}}}}}}}},
		"networkpolicies":          &networkingv1.NetworkPolicy{ObjectMeta: named, Spec: networkingv1.NetworkPolicySpec{PodSelector: *selector, PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}}},
		"endpointslices":           &discoveryv1.EndpointSlice{ObjectMeta: named, AddressType: discoveryv1.AddressTypeIPv4, Endpoints: []discoveryv1.Endpoint{{Addresses: []string{"192.0.2.1"}}}},
		"leases":                   &coordinationv1.Lease{ObjectMeta: named, Spec: coordinationv1.LeaseSpec{HolderIdentity: &named.Name, RenewTime: &metav1.MicroTime{Time: metav1.Now().Time}}},
		"roles":                    &rbacv1.Role{ObjectMeta: named, Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
		"rolebindings":             &rbacv1.RoleBinding{ObjectMeta: named, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "kinds"}, Subjects: []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "u"}}},
	}
}

// written in protobuf, read in JSON.
func roundTrip(s *suite, resource string, object runtime.Object) error {
	kinds, _, err := scheme.Scheme.ObjectKinds(object)
	if err != nil {
		return err
	}
	json, err := kubernetes.NewForConfig(s.config)
	if err != nil {
		return err
	}
	clients := func(c kubernetes.Interface) restInterface { return groupClient(c, kinds[0].Group, kinds[0].Version) }
	created, read := object.DeepCopyObject(), object.DeepCopyObject()
	if err := clients(s.client).Post().Namespace(s.namespace).Resource(resource).Body(object).Do(s.ctx).Into(created); err != nil {
		return fmt.Errorf("create: %w", err)
	}
	accessor, err := meta.Accessor(created)
	if err != nil {
		return err
	}
	// Controllers write to some kinds at once: both readers must see one state.
	version := accessor.GetResourceVersion()
	binary := object.DeepCopyObject()
	for i := 0; ; i++ {
		if err := clients(json).Get().Namespace(s.namespace).Resource(resource).Name("kinds").Do(s.ctx).Into(read); err != nil {
			return fmt.Errorf("get in JSON: %w", err)
		}
		if err := clients(s.client).Get().Namespace(s.namespace).Resource(resource).Name("kinds").Do(s.ctx).Into(binary); err != nil {
			return fmt.Errorf("get in protobuf: %w", err)
		}
		a, _ := meta.Accessor(read)
		b, _ := meta.Accessor(binary)
		if a.GetResourceVersion() == b.GetResourceVersion() {
			break
		}
		if i == 20 {
			return fmt.Errorf("it changes all the time, from %s to %s", version, b.GetResourceVersion())
		}
	}
	if !equality.Semantic.DeepEqual(withoutKind(read), withoutKind(binary)) {
		return fmt.Errorf("JSON says %+v\nprotobuf says %+v", read, binary)
	}
	background := metav1.DeletePropagationBackground
	return clients(s.client).Delete().Namespace(s.namespace).Resource(resource).Name("kinds").Body(&metav1.DeleteOptions{PropagationPolicy: &background}).Do(s.ctx).Error()
}

// JSON objects carry their kind, protobuf ones in an envelope beside them.
func withoutKind(object runtime.Object) runtime.Object {
	object.GetObjectKind().SetGroupVersionKind(schemaNone)
	return object
}

var kinds = []check{
	{"objects of all kinds are the same in protobuf and JSON", func(s *suite) error {
		var errs []error
		for resource, object := range objects() {
			if err := roundTrip(s, resource, object); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", resource, err))
			}
		}
		return errors.Join(errs...)
	}},
	{"scale", func(s *suite) error {
		deployment := objects()["deployments"].(*appsv1.Deployment)
		deployment.Name = "scaled"
		if _, err := s.client.AppsV1().Deployments(s.namespace).Create(s.ctx, deployment, metav1.CreateOptions{}); err != nil {
			return err
		}
		// The controller writes its status meanwhile.
		err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
			scale, err := s.client.AppsV1().Deployments(s.namespace).GetScale(s.ctx, "scaled", metav1.GetOptions{})
			if err != nil {
				return err
			}
			scale.Spec.Replicas = 0
			_, err = s.client.AppsV1().Deployments(s.namespace).UpdateScale(s.ctx, "scaled", scale, metav1.UpdateOptions{})
			return err
		})
		if err != nil {
			return err
		}
		got, err := s.client.AppsV1().Deployments(s.namespace).Get(s.ctx, "scaled", metav1.GetOptions{})
		if err != nil {
			return err
		}
		return expect("replicas", *got.Spec.Replicas, 0)
	}},
}
