package main

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	applyapps "k8s.io/client-go/applyconfigurations/apps/v1"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	applymeta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
)

const (
	operatorName = "gadget-operator"
	finalizer    = "example.com/gadget"
)

// An operator of gadgets, put together as people do it: it leads by a lease, hears of gadgets and of the Deployments that it made for them, and takes names from
// a queue that makes failures wait. A gadget has a Deployment by server-side apply, a status by apply to its subresource, events, and a finalizer.
type operator struct {
	*suite
	kind        schema.GroupVersionResource
	gadgets     dynamic.ResourceInterface
	lister      cache.GenericLister
	deployments cache.SharedIndexInformer
	queue       workqueue.TypedRateLimitingInterface[string]
	events      record.EventRecorder
	cleaned     chan string
}

func (o *operator) reconcile(ctx context.Context, name string) error {
	object, err := o.lister.ByNamespace(o.namespace).Get(name)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	gadget := object.(*unstructured.Unstructured).DeepCopy()
	held := len(gadget.GetFinalizers()) > 0
	if gadget.GetDeletionTimestamp() != nil {
		if !held {
			return nil
		}
		gadget.SetFinalizers(nil)
		if _, err = o.gadgets.Update(ctx, gadget, metav1.UpdateOptions{}); err == nil {
			o.cleaned <- name
		}
		return err
	}
	if !held {
		gadget.SetFinalizers([]string{finalizer})
		_, err = o.gadgets.Update(ctx, gadget, metav1.UpdateOptions{})
		return err
	}
	size, _, _ := unstructured.NestedInt64(gadget.Object, "spec", "size")
	labels := map[string]string{"gadget": name}
	owner := applymeta.OwnerReference().WithAPIVersion(gadget.GetAPIVersion()).WithKind("Gadget").WithName(name).WithUID(gadget.GetUID()).WithController(true).WithBlockOwnerDeletion(true)
	pod := applycore.PodTemplateSpec().WithLabels(labels).WithSpec(applycore.PodSpec().WithNodeSelector(map[string]string{"no": "where"}).WithContainers(applycore.Container().WithName("c").WithImage("none:1")))
	wanted := applyapps.Deployment(name, o.namespace).WithLabels(labels).WithOwnerReferences(owner).
		WithSpec(applyapps.DeploymentSpec().WithReplicas(int32(size)).WithSelector(applymeta.LabelSelector().WithMatchLabels(labels)).WithTemplate(pod))
	made, err := o.client.AppsV1().Deployments(o.namespace).Apply(ctx, wanted, metav1.ApplyOptions{FieldManager: operatorName, Force: true})
	if err != nil {
		return err
	}
	status := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": gadget.GetAPIVersion(), "kind": "Gadget", "metadata": map[string]any{"name": name},
		"status": map[string]any{"size": size, "deployment": string(made.UID), "observedGeneration": gadget.GetGeneration()},
	}}
	if seen, _, _ := unstructured.NestedInt64(gadget.Object, "status", "observedGeneration"); seen != gadget.GetGeneration() {
		o.events.Eventf(gadget, corev1.EventTypeNormal, "Applied", "%d replicas", size)
	}
	_, err = o.gadgets.ApplyStatus(ctx, name, status, metav1.ApplyOptions{FieldManager: operatorName, Force: true})
	return err
}

func (o *operator) work(ctx context.Context) {
	for {
		name, stopped := o.queue.Get()
		if stopped {
			return
		}
		// A conflict with somebody else's write is an error like others: later again.
		if err := o.reconcile(ctx, name); err != nil {
			o.queue.AddRateLimited(name)
		} else {
			o.queue.Forget(name)
		}
		o.queue.Done(name)
	}
}

// run leads, and then works until the context ends.
func (o *operator) run(ctx context.Context) {
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(&coreSink{o.client, o.namespace})
	o.events = broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: operatorName})
	custom := dynamicinformer.NewFilteredDynamicSharedInformerFactory(o.dynamic, 0, o.namespace, nil)
	typed := informers.NewSharedInformerFactoryWithOptions(o.client, 0, informers.WithNamespace(o.namespace))
	o.lister, o.deployments = custom.ForResource(o.kind).Lister(), typed.Apps().V1().Deployments().Informer()
	handler := func(nameOf func(metav1.Object) string) cache.ResourceEventHandlerFuncs {
		add := func(object any) {
			if unknown, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = unknown.Obj
			}
			if name := nameOf(object.(metav1.Object)); name != "" {
				o.queue.Add(name)
			}
		}
		return cache.ResourceEventHandlerFuncs{AddFunc: add, UpdateFunc: func(_, object any) { add(object) }, DeleteFunc: add}
	}
	_, _ = custom.ForResource(o.kind).Informer().AddEventHandler(handler(metav1.Object.GetName))
	_, _ = o.deployments.AddEventHandler(handler(func(object metav1.Object) string {
		if owner := metav1.GetControllerOf(object); owner != nil && owner.Kind == "Gadget" {
			return owner.Name
		}
		return ""
	}))
	custom.Start(ctx.Done())
	typed.Start(ctx.Done())
	custom.WaitForCacheSync(ctx.Done())
	typed.WaitForCacheSync(ctx.Done())
	go func() {
		<-ctx.Done()
		o.queue.ShutDown()
	}()
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            &resourcelock.LeaseLock{LeaseMeta: metav1.ObjectMeta{Name: operatorName, Namespace: o.namespace}, Client: o.client.CoordinationV1(), LockConfig: resourcelock.ResourceLockConfig{Identity: "one", EventRecorder: o.events}},
		ReleaseOnCancel: true, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 2 * time.Second,
		Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: o.work, OnStoppedLeading: func() {}},
	})
}

func (s *suite) deploymentOf(name string) (*appsv1.Deployment, error) {
	return s.client.AppsV1().Deployments(s.namespace).Get(s.ctx, name, metav1.GetOptions{})
}

// hasReplicas waits until the gadget's Deployment, and what its status says, are of that size.
func (o *operator) hasReplicas(name string, size int64) error {
	return o.eventually(fmt.Sprintf("%s has %d replicas", name, size), func() (bool, error) {
		deployment, err := o.deploymentOf(name)
		if err != nil || deployment.Spec.Replicas == nil || int64(*deployment.Spec.Replicas) != size {
			return false, nil
		}
		gadget, err := o.gadgets.Get(o.ctx, name, metav1.GetOptions{})
		if err != nil {
			return false, err
		}
		said, _, _ := unstructured.NestedInt64(gadget.Object, "status", "size")
		uid, _, _ := unstructured.NestedString(gadget.Object, "status", "deployment")
		return said == size && uid == string(deployment.UID), nil
	})
}

var operating = []check{
	{"an operator brings its own kind, and keeps what it promises", func(s *suite) error {
		resource, definition := s.gadgets()
		if _, err := s.dynamic.Resource(definitions).Create(s.ctx, definition, metav1.CreateOptions{}); err != nil {
			return err
		}
		defer func() {
			_ = s.dynamic.Resource(definitions).Delete(s.ctx, definition.GetName(), metav1.DeleteOptions{})
		}()
		o := &operator{suite: s, kind: resource, gadgets: s.dynamic.Resource(resource).Namespace(s.namespace), cleaned: make(chan string, 1),
			queue: workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())}
		if err := s.eventually("the kind is established", func() (bool, error) {
			_, err := o.gadgets.List(s.ctx, metav1.ListOptions{})
			return err == nil, nil
		}); err != nil {
			return err
		}
		ctx, stop := context.WithCancel(s.ctx)
		ended := make(chan struct{})
		go func() { defer close(ended); o.run(ctx) }()
		defer func() { stop(); <-ended }()
		if _, err := o.gadgets.Create(s.ctx, gadget(resource, "operated", map[string]any{"size": int64(2)}), metav1.CreateOptions{}); err != nil {
			return err
		}
		if err := o.hasReplicas("operated", 2); err != nil {
			return err
		}
		// Somebody changes the wish, and somebody else what was made of it.
		if _, err := o.gadgets.Patch(s.ctx, "operated", types.MergePatchType, []byte(`{"spec":{"size":3}}`), metav1.PatchOptions{}); err != nil {
			return err
		}
		if err := o.hasReplicas("operated", 3); err != nil {
			return err
		}
		if err := s.client.AppsV1().Deployments(s.namespace).Delete(s.ctx, "operated", metav1.DeleteOptions{}); err != nil {
			return err
		}
		if err := o.hasReplicas("operated", 3); err != nil {
			return err
		}
		got, err := o.gadgets.Get(s.ctx, "operated", metav1.GetOptions{})
		if err != nil {
			return err
		}
		byStatus := false
		for _, entry := range got.GetManagedFields() {
			byStatus = byStatus || entry.Manager == operatorName && entry.Subresource == "status" && entry.Operation == metav1.ManagedFieldsOperationApply
		}
		if err := first(expect("the status has its owner", byStatus, true), expect("generation", got.GetGeneration(), int64(2))); err != nil {
			return err
		}
		if err := s.eventually("both events", func() (bool, error) {
			list, err := s.client.CoreV1().Events(s.namespace).List(s.ctx, metav1.ListOptions{FieldSelector: "involvedObject.kind=Gadget,involvedObject.name=operated,reason=Applied"})
			return err == nil && len(list.Items) == 2, nil
		}); err != nil {
			return err
		}
		if err := o.gadgets.Delete(s.ctx, "operated", metav1.DeleteOptions{}); err != nil {
			return err
		}
		select {
		case name := <-o.cleaned:
			if err := expect("cleaned", name, "operated"); err != nil {
				return err
			}
		case <-time.After(30 * time.Second):
			return fmt.Errorf("nobody cleans up")
		}
		// What it had made goes, too, once the garbage collector has heard of the kind, which takes it up to half a minute.
		return s.eventually("it is gone", func() (bool, error) {
			_, err := o.gadgets.Get(s.ctx, "operated", metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
	}},
}
