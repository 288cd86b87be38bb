// A client of client-go's, as operators and upstream's components are: typed clients that speak protobuf over HTTP/2, informers, leader election,
// apply, paging, dynamic and metadata clients, discovery and exec. Each check prints a line "ok NAME" or "FAILED NAME: WHY".
//
//	client-go-check KUBECONFIG [IMAGE]    IMAGE: one with a shell, on clusters that run containers
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const protobuf = "application/vnd.kubernetes.protobuf"

// A suite is what the checks share.
type suite struct {
	ctx       context.Context
	config    *rest.Config // JSON
	binary    *rest.Config // protobuf
	client    kubernetes.Interface
	dynamic   dynamic.Interface
	metadata  metadata.Interface
	namespace string
	image     string
}

type check struct {
	name string
	run  func(*suite) error
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return value
}

// eventually waits until the condition holds.
func (s *suite) eventually(what string, holds func() (bool, error)) error {
	err := wait.PollUntilContextTimeout(s.ctx, 50*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) { return holds() })
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// expect tells both values where they differ.
func expect[T comparable](what string, got, wanted T) error {
	if got == wanted {
		return nil
	}
	return fmt.Errorf("%s: got %v, wanted %v", what, got, wanted)
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func run(s *suite, c check) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return c.run(s)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: client-go-check KUBECONFIG [IMAGE]")
		os.Exit(2)
	}
	config := must(clientcmd.BuildConfigFromFlags("", os.Args[1]))
	config.QPS, config.Burst = 500, 500
	config.Timeout = 0
	binary := rest.CopyConfig(config)
	binary.ContentType = protobuf
	binary.AcceptContentTypes = protobuf + ",application/json"
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	s := &suite{
		ctx: ctx, config: config, binary: binary,
		client: must(kubernetes.NewForConfig(binary)), dynamic: must(dynamic.NewForConfig(config)), metadata: must(metadata.NewForConfig(config)),
		namespace: fmt.Sprintf("client-go-%d", time.Now().UnixNano()%1_000_000_000),
	}
	if len(os.Args) > 2 {
		s.image = os.Args[2]
	}
	failed := 0
	var checks []check
	for _, some := range [][]check{machinery, kinds, watching, extended, operating, admitting} {
		checks = append(checks, some...)
	}
	if s.image != "" {
		checks = append(checks, containers...)
	}
	if err := s.prepare(); err != nil {
		fmt.Printf("FAILED set-up: %v\n", err)
		os.Exit(1)
	}
	for _, c := range checks {
		if err := run(s, c); err != nil {
			failed++
			fmt.Printf("FAILED %s: %v\n", c.name, err)
			continue
		}
		fmt.Printf("ok %s\n", c.name)
	}
	background := metav1.DeletePropagationBackground
	if err := s.client.CoreV1().Namespaces().Delete(ctx, s.namespace, metav1.DeleteOptions{PropagationPolicy: &background}); err != nil {
		fmt.Printf("FAILED clean-up: %v\n", err)
		failed++
	}
	if failed > 0 {
		os.Exit(1)
	}
}

var errStopped = errors.New("stopped too early")
