package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	watchtools "k8s.io/client-go/tools/watch"
)

// counting makes an informer's handler that counts what it hears.
func counting(added, updated, deleted *atomic.Int32) cache.ResourceEventHandlerFuncs {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { added.Add(1) },
		UpdateFunc: func(any, any) { updated.Add(1) },
		DeleteFunc: func(any) { deleted.Add(1) },
	}
}

func (s *suite) changeThree(prefix string) error {
	maps := s.client.CoreV1().ConfigMaps(s.namespace)
	for i := 0; i < 3; i++ {
		name := fmt.Sprintf("%s-%d", prefix, i)
		object := s.configMap(name, nil)
		object.Labels = map[string]string{"informed": prefix}
		if _, err := maps.Create(s.ctx, object, metav1.CreateOptions{}); err != nil {
			return err
		}
		if _, err := maps.Patch(s.ctx, name, types.MergePatchType, []byte(`{"data":{"x":"y"}}`), metav1.PatchOptions{}); err != nil {
			return err
		}
		if err := maps.Delete(s.ctx, name, metav1.DeleteOptions{}); err != nil {
			return err
		}
	}
	return nil
}

func (s *suite) informed(prefix string, informer cache.SharedIndexInformer, start func(<-chan struct{})) error {
	var added, updated, deleted atomic.Int32
	if _, err := informer.AddEventHandler(counting(&added, &updated, &deleted)); err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	start(stop)
	if !cache.WaitForCacheSync(s.ctx.Done(), informer.HasSynced) {
		return errStopped
	}
	before := added.Load()
	if err := s.changeThree(prefix); err != nil {
		return err
	}
	return s.eventually("three of each", func() (bool, error) {
		return added.Load()-before == 3 && updated.Load() >= 3 && deleted.Load() == 3, nil
	})
}

func only(prefix string) func(*metav1.ListOptions) {
	return func(options *metav1.ListOptions) { options.LabelSelector = "informed=" + prefix }
}

var watching = []check{
	{"an informer over protobuf hears each change", func(s *suite) error {
		factory := informers.NewSharedInformerFactoryWithOptions(s.client, 0, informers.WithNamespace(s.namespace), informers.WithTweakListOptions(only("typed")))
		return s.informed("typed", factory.Core().V1().ConfigMaps().Informer(), factory.Start)
	}},
	{"an informer of metadata alone", func(s *suite) error {
		factory := metadatainformer.NewFilteredSharedInformerFactory(s.metadata, 0, s.namespace, only("meta"))
		return s.informed("meta", factory.ForResource(corev1.SchemeGroupVersion.WithResource("configmaps")).Informer(), factory.Start)
	}},
	{"informers of all that a controller manager watches are in step", func(s *suite) error {
		factory := informers.NewSharedInformerFactory(s.client, 0)
		core, apps := factory.Core().V1(), factory.Apps().V1()
		for _, informer := range []cache.SharedIndexInformer{
			core.Pods().Informer(), core.Nodes().Informer(), core.Services().Informer(), core.Endpoints().Informer(), core.Secrets().Informer(), core.Namespaces().Informer(), core.ServiceAccounts().Informer(),
			core.PersistentVolumes().Informer(), core.PersistentVolumeClaims().Informer(), core.ResourceQuotas().Informer(), core.ReplicationControllers().Informer(), core.Events().Informer(),
			apps.Deployments().Informer(), apps.ReplicaSets().Informer(), apps.StatefulSets().Informer(), apps.DaemonSets().Informer(), apps.ControllerRevisions().Informer(),
			factory.Batch().V1().Jobs().Informer(), factory.Batch().V1().CronJobs().Informer(), factory.Discovery().V1().EndpointSlices().Informer(), factory.Policy().V1().PodDisruptionBudgets().Informer(),
			factory.Autoscaling().V2().HorizontalPodAutoscalers().Informer(), factory.Rbac().V1().ClusterRoles().Informer(), factory.Coordination().V1().Leases().Informer(), factory.Certificates().V1().CertificateSigningRequests().Informer(),
			factory.Storage().V1().StorageClasses().Informer(), factory.Storage().V1().CSINodes().Informer(), factory.Storage().V1().VolumeAttachments().Informer(), factory.Networking().V1().NetworkPolicies().Informer(),
			factory.Flowcontrol().V1().FlowSchemas().Informer(), factory.Admissionregistration().V1().ValidatingWebhookConfigurations().Informer(),
		} {
			_ = informer
		}
		stop := make(chan struct{})
		defer close(stop)
		factory.Start(stop)
		for kind, ok := range factory.WaitForCacheSync(s.ctx.Done()) {
			if !ok {
				return fmt.Errorf("%v is not in step", kind)
			}
		}
		if n := len(factory.Rbac().V1().ClusterRoles().Informer().GetStore().List()); n < 50 {
			return fmt.Errorf("%d cluster roles", n)
		}
		return nil
	}},
	{"a watch goes on after its connection is cut, with bookmarks", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		list, err := maps.List(s.ctx, metav1.ListOptions{LabelSelector: "informed=retry"})
		if err != nil {
			return err
		}
		watcher, err := watchtools.NewRetryWatcher(list.ResourceVersion, &cache.ListWatch{WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
			// Each part lasts a second, so that the whole is put together of several.
			second := int64(1)
			options.TimeoutSeconds, options.LabelSelector = &second, "informed=retry"
			return maps.Watch(s.ctx, options)
		}})
		if err != nil {
			return err
		}
		defer watcher.Stop()
		go func() {
			for i := 0; i < 3; i++ {
				time.Sleep(900 * time.Millisecond)
				_ = s.changeThree("retry")
			}
		}()
		counts := map[watch.EventType]int{}
		for counts[watch.Deleted] < 9 {
			select {
			case event, ok := <-watcher.ResultChan():
				if !ok || event.Type == watch.Error {
					return fmt.Errorf("%v: %v", errStopped, event.Object)
				}
				counts[event.Type]++
			case <-time.After(30 * time.Second):
				return fmt.Errorf("only %v", counts)
			}
		}
		return first(expect("added", counts[watch.Added], 9), expect("modified", counts[watch.Modified], 9))
	}},
	{"a revision that is still to come is told from one that is no more", func(s *suite) error {
		// The server waits for some seconds, and a client's ten further attempts would each wait as long.
		err := s.client.CoreV1().RESTClient().Get().Namespace(s.namespace).Resource("configmaps").Param("resourceVersion", "99999999999").MaxRetries(0).Do(s.ctx).Error()
		if !apierrors.IsTimeout(err) || !apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
			return fmt.Errorf("%v", err)
		}
		return nil
	}},
	{"waiting for one object by its name", func(s *suite) error {
		maps := s.client.CoreV1().ConfigMaps(s.namespace)
		go func() {
			time.Sleep(300 * time.Millisecond)
			_, _ = maps.Create(s.ctx, s.configMap("awaited", map[string]string{"here": "yes"}), metav1.CreateOptions{})
		}()
		one := fields.OneTermEqualSelector("metadata.name", "awaited").String()
		lw := &cache.ListWatch{
			ListFunc: func(options metav1.ListOptions) (runtime.Object, error) {
				options.FieldSelector = one
				return maps.List(s.ctx, options)
			},
			WatchFunc: func(options metav1.ListOptions) (watch.Interface, error) {
				options.FieldSelector = one
				return maps.Watch(s.ctx, options)
			},
		}
		ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
		defer cancel()
		_, err := watchtools.UntilWithSync(ctx, lw, &corev1.ConfigMap{}, nil, func(event watch.Event) (bool, error) {
			return event.Object.(*corev1.ConfigMap).Data["here"] == "yes", nil
		})
		return err
	}},
	{"a watch that begins with all objects marks where they end", func(s *suite) error {
		maps, yes := s.client.CoreV1().ConfigMaps(s.namespace), true
		for _, name := range []string{"streamed-1", "streamed-2"} {
			object := s.configMap(name, nil)
			object.Labels = map[string]string{"informed": "streamed"}
			if _, err := maps.Create(s.ctx, object, metav1.CreateOptions{}); err != nil {
				return err
			}
		}
		watcher, err := maps.Watch(s.ctx, metav1.ListOptions{LabelSelector: "informed=streamed", SendInitialEvents: &yes, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, AllowWatchBookmarks: true})
		if err != nil {
			return err
		}
		defer watcher.Stop()
		for added := 0; ; {
			select {
			case event, ok := <-watcher.ResultChan():
				if !ok || event.Type == watch.Error {
					return fmt.Errorf("%v: %v", errStopped, event.Object)
				}
				object := event.Object.(*corev1.ConfigMap)
				if event.Type == watch.Bookmark {
					return first(expect("objects before the mark", added, 2), expect("the mark", object.Annotations[metav1.InitialEventsAnnotationKey], "true"))
				}
				added++
			case <-time.After(30 * time.Second):
				return fmt.Errorf("no mark after %d objects", added)
			}
		}
	}},
	{"of two candidates one leads, and the other when it lets go", func(s *suite) error {
		var mutex sync.Mutex
		var history []string
		lead := func(ctx context.Context, id string) {
			leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
				Lock:            &resourcelock.LeaseLock{LeaseMeta: metav1.ObjectMeta{Name: "leader", Namespace: s.namespace}, Client: s.client.CoordinationV1(), LockConfig: resourcelock.ResourceLockConfig{Identity: id}},
				ReleaseOnCancel: true, LeaseDuration: 15 * time.Second, RenewDeadline: 10 * time.Second, RetryPeriod: 200 * time.Millisecond,
				Callbacks: leaderelection.LeaderCallbacks{
					OnStartedLeading: func(context.Context) { mutex.Lock(); history = append(history, id); mutex.Unlock() },
					OnStoppedLeading: func() {},
				},
			})
		}
		leads := func(n int, id string) error {
			return s.eventually(id+" leads", func() (bool, error) {
				mutex.Lock()
				defer mutex.Unlock()
				return len(history) == n && history[n-1] == id, nil
			})
		}
		firstCtx, stopFirst := context.WithCancel(s.ctx)
		defer stopFirst()
		go lead(firstCtx, "a")
		if err := leads(1, "a"); err != nil {
			return err
		}
		secondCtx, stopSecond := context.WithCancel(s.ctx)
		defer stopSecond()
		go lead(secondCtx, "b")
		time.Sleep(500 * time.Millisecond)
		stopFirst()
		return leads(2, "b")
	}},
	{"events of both APIs are recorded", func(s *suite) error {
		about, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(s.ctx, s.configMap("told", nil), metav1.CreateOptions{})
		if err != nil {
			return err
		}
		about.APIVersion, about.Kind = "v1", "ConfigMap"
		old := record.NewBroadcaster()
		defer old.Shutdown()
		old.StartRecordingToSink(&coreSink{s.client, s.namespace})
		old.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "client-go-check"}).Event(about, corev1.EventTypeNormal, "Old", "an event of core/v1")
		broadcaster := events.NewBroadcaster(&events.EventSinkImpl{Interface: s.client.EventsV1()})
		defer broadcaster.Shutdown()
		if err := broadcaster.StartRecordingToSinkWithContext(s.ctx); err != nil {
			return err
		}
		broadcaster.NewRecorder(scheme.Scheme, "client-go-check").Eventf(about, nil, corev1.EventTypeNormal, "New", "Telling", "an event of events.k8s.io/v1")
		return s.eventually("both are there", func() (bool, error) {
			list, err := s.client.EventsV1().Events(s.namespace).List(s.ctx, metav1.ListOptions{FieldSelector: "regarding.name=told"})
			if err != nil {
				return false, err
			}
			reasons := map[string]bool{}
			for _, event := range list.Items {
				reasons[event.Reason] = true
			}
			return reasons["Old"] && reasons["New"], nil
		})
	}},
}

// A sink of the older API's events.
type coreSink struct {
	client    kubernetes.Interface
	namespace string
}

func (c *coreSink) Create(event *corev1.Event) (*corev1.Event, error) {
	return c.client.CoreV1().Events(c.namespace).CreateWithEventNamespace(event)
}

func (c *coreSink) Update(event *corev1.Event) (*corev1.Event, error) {
	return c.client.CoreV1().Events(c.namespace).UpdateWithEventNamespace(event)
}

func (c *coreSink) Patch(old *corev1.Event, data []byte) (*corev1.Event, error) {
	return c.client.CoreV1().Events(c.namespace).PatchWithEventNamespace(old, data)
}
