"""What programs on the official Python client do, against a running cluster: `checks.py KUBECONFIG IMAGE`.

Prints a line a check, `ok NAME` or `failed NAME: WHY`. The client speaks JSON over HTTP/1.1, and for streams the older
WebSocket protocol (`v4.channel.k8s.io`) for exec and for port-forward, which other clients have left.
"""
import sys
import time

from kubernetes import client, config, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.dynamic import DynamicClient
from kubernetes.stream import portforward, stream

NAMESPACE = 'client-python'
LABELS = {'app': 'served'}
SCRIPT = 'mkdir -p /www && echo hello > /www/index.html && echo started && exec httpd -f -p 8080 -h /www'

config.load_kube_config(sys.argv[1])
IMAGE = sys.argv[2]
core = client.CoreV1Api()
apps = client.AppsV1Api()
failures = 0


def check(function):
    """Runs the function at once, and tells how it went."""
    global failures
    try:
        function()
        print('ok', function.__name__.replace('_', ' '), flush=True)
    except Exception as error:  # each check is told, whatever goes wrong in it
        failures += 1
        print('failed', function.__name__.replace('_', ' ') + ':', type(error).__name__, str(error).replace('\n', ' ')[:400], flush=True)


def equal(got, wanted):
    if got != wanted:
        raise AssertionError(f'{got!r} instead of {wanted!r}')


def refused(status, function):
    try:
        function()
    except ApiException as error:
        return equal(error.status, status)
    raise AssertionError(f'it was not refused with {status}')


def eventually(predicate, seconds=60):
    end = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > end:
            raise AssertionError('not in time')
        time.sleep(0.2)


def pod_name():
    return core.list_namespaced_pod(NAMESPACE, label_selector='app=served', field_selector='status.phase=Running').items[0].metadata.name


core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))


@check
def version_and_groups():
    equal(client.VersionApi().get_code().major, '1')
    equal('apps' in [group.name for group in client.ApisApi().get_api_versions().groups], True)


@check
def a_deployment_and_a_watch_until_it_is_ready():
    container = client.V1Container(
        name='web', image=IMAGE, image_pull_policy='Never', command=['sh', '-c', SCRIPT],
        ports=[client.V1ContainerPort(container_port=8080)],
        readiness_probe=client.V1Probe(tcp_socket=client.V1TCPSocketAction(port=8080), period_seconds=1))
    apps.create_namespaced_deployment(NAMESPACE, client.V1Deployment(
        metadata=client.V1ObjectMeta(name='served'),
        spec=client.V1DeploymentSpec(
            replicas=1, selector=client.V1LabelSelector(match_labels=LABELS),
            template=client.V1PodTemplateSpec(
                metadata=client.V1ObjectMeta(labels=LABELS),
                spec=client.V1PodSpec(containers=[container], termination_grace_period_seconds=0)))))
    watching = watch.Watch()
    for event in watching.stream(apps.list_namespaced_deployment, NAMESPACE, timeout_seconds=120):
        if event['object'].status.ready_replicas == 1:
            return watching.stop()
    raise AssertionError('the watch ended before')


@check
def exec_with_both_outputs():
    output = stream(core.connect_get_namespaced_pod_exec, pod_name(), NAMESPACE, command=['sh', '-c', 'echo out; echo err >&2'],
                    stdin=False, stdout=True, stderr=True, tty=False)
    equal(sorted(output.split()), ['err', 'out'])


@check
def exec_with_input_and_an_exit_code():
    session = stream(core.connect_get_namespaced_pod_exec, pod_name(), NAMESPACE, command=['sh'],
                     stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False)
    session.write_stdin('echo given $((40 + 2))\n')
    equal(session.readline_stdout(timeout=20), 'given 42')
    session.write_stdin('exit 7\n')
    session.run_forever(timeout=20)
    equal(session.returncode, 7)


@check
def exec_on_a_terminal():
    output = stream(core.connect_get_namespaced_pod_exec, pod_name(), NAMESPACE, command=['tty'],
                    stdin=False, stdout=True, stderr=False, tty=True)
    equal(output.strip(), '/dev/pts/0')


@check
def port_forward():
    forward = portforward(core.connect_get_namespaced_pod_portforward, pod_name(), NAMESPACE, ports='8080')
    socket = forward.socket(8080)
    socket.setblocking(True)
    socket.sendall(b'GET / HTTP/1.0\r\n\r\n')
    answer = b''
    while piece := socket.recv(4096):
        answer += piece
    equal((answer.endswith(b'hello\n'), forward.error(8080)), (True, None))


@check
def logs_and_followed_logs():
    equal(core.read_namespaced_pod_log(pod_name(), NAMESPACE, tail_lines=1), 'started\n')
    watching = watch.Watch()
    for line in watching.stream(core.read_namespaced_pod_log, pod_name(), NAMESPACE, follow=True):
        watching.stop()
        equal(line, 'started')


@check
def proxy_to_a_pod():
    equal(core.connect_get_namespaced_pod_proxy_with_path(f'{pod_name()}:8080', NAMESPACE, '/'), 'hello\n')
    equal(core.connect_get_namespaced_pod_proxy_with_path(f'{pod_name()}:8080', NAMESPACE, 'index.html'), 'hello\n')


@check
def patches_of_both_kinds():
    strategic = {'spec': {'template': {'spec': {'containers': [{'name': 'web', 'env': [{'name': 'A', 'value': '1'}]}]}}}}
    containers = apps.patch_namespaced_deployment('served', NAMESPACE, strategic).spec.template.spec.containers
    equal([(one.name, one.env[0].value, one.image) for one in containers], [('web', '1', IMAGE)])
    patched = apps.patch_namespaced_deployment('served', NAMESPACE, [{'op': 'add', 'path': '/metadata/labels', 'value': {'kept': 'yes'}}])
    equal(patched.metadata.labels, {'kept': 'yes'})


@check
def scale():
    equal(apps.patch_namespaced_deployment_scale('served', NAMESPACE, {'spec': {'replicas': 2}}).spec.replicas, 2)
    eventually(lambda: apps.read_namespaced_deployment_status('served', NAMESPACE).status.available_replicas == 2)


@check
def pages():
    for number in range(5):
        core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name=f'page-{number}', labels={'page': 'yes'}), data={'n': str(number)}))
    names, token = [], None
    while token != '':
        page = core.list_namespaced_config_map(NAMESPACE, label_selector='page', limit=2, _continue=token)
        names += [item.data['n'] for item in page.items]
        token = page.metadata._continue or ''
    equal(names, ['0', '1', '2', '3', '4'])


@check
def refusals():
    refused(404, lambda: core.read_namespaced_pod('none', NAMESPACE))
    refused(409, lambda: core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name='page-0'))))
    refused(422, lambda: core.create_namespaced_config_map(NAMESPACE, client.V1ConfigMap(metadata=client.V1ObjectMeta(name='Not-A-Name'))))
    stale = core.read_namespaced_config_map('page-0', NAMESPACE)
    core.patch_namespaced_config_map('page-0', NAMESPACE, {'data': {'n': 'new'}})
    refused(409, lambda: core.replace_namespaced_config_map('page-0', NAMESPACE, stale))


@check
def a_custom_resource_by_the_dynamic_client():
    schema = {'type': 'object', 'properties': {'spec': {'type': 'object', 'properties': {'size': {'type': 'integer', 'minimum': 1}}}}}
    extensions = client.ApiextensionsV1Api()
    extensions.create_custom_resource_definition({
        'apiVersion': 'apiextensions.k8s.io/v1', 'kind': 'CustomResourceDefinition', 'metadata': {'name': 'boxes.python.example.com'},
        'spec': {'group': 'python.example.com', 'scope': 'Namespaced', 'names': {'plural': 'boxes', 'kind': 'Box'},
                 'versions': [{'name': 'v1', 'served': True, 'storage': True, 'schema': {'openAPIV3Schema': schema}}]}})
    def established():
        conditions = extensions.read_custom_resource_definition('boxes.python.example.com').status.conditions or []
        return any(condition.type == 'Established' and condition.status == 'True' for condition in conditions)
    eventually(established)
    boxes = DynamicClient(client.ApiClient()).resources.get(api_version='python.example.com/v1', kind='Box')
    box = {'apiVersion': 'python.example.com/v1', 'kind': 'Box', 'metadata': {'name': 'one'}, 'spec': {'size': 3}}
    equal(boxes.create(body=box, namespace=NAMESPACE).spec.size, 3)
    equal([item.metadata.name for item in boxes.get(namespace=NAMESPACE).items], ['one'])
    patched = boxes.patch(name='one', namespace=NAMESPACE, body={'spec': {'size': 4}}, content_type='application/merge-patch+json')
    equal(patched.spec.size, 4)
    refused(422, lambda: boxes.patch(name='one', namespace=NAMESPACE, body={'spec': {'size': 0}}, content_type='application/merge-patch+json'))
    extensions.delete_custom_resource_definition('boxes.python.example.com')


@check
def objects_from_a_dictionary():
    utils.create_from_dict(client.ApiClient(), {'apiVersion': 'v1', 'kind': 'List', 'items': [
        {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': 'served'}, 'spec': {'selector': LABELS, 'ports': [{'port': 80, 'targetPort': 8080}]}},
        {'apiVersion': 'batch/v1', 'kind': 'CronJob', 'metadata': {'name': 'nightly'}, 'spec': {'schedule': '0 3 * * *', 'jobTemplate': {'spec': {'template': {
            'spec': {'restartPolicy': 'Never', 'containers': [{'name': 'c', 'image': IMAGE}]}}}}}},
    ]}, namespace=NAMESPACE)
    equal(core.read_namespaced_service('served', NAMESPACE).spec.ports[0].target_port, 8080)
    equal(client.BatchV1Api().read_namespaced_cron_job('nightly', NAMESPACE).spec.concurrency_policy, 'Allow')


@check
def access_reviews():
    review = client.AuthorizationV1Api().create_self_subject_access_review({'spec': {'resourceAttributes': {'verb': 'get', 'resource': 'pods'}}})
    equal(review.status.allowed, True)


@check
def an_eviction():
    name = pod_name()
    core.create_namespaced_pod_eviction(name, NAMESPACE, client.V1Eviction(metadata=client.V1ObjectMeta(name=name)))
    eventually(lambda: name not in [item.metadata.name for item in core.list_namespaced_pod(NAMESPACE).items])


@check
def the_namespace_goes():
    # The answer's status is that of a namespace, which the client takes for a Status.
    core.delete_namespace(NAMESPACE, _preload_content=False)
    eventually(lambda: NAMESPACE not in [item.metadata.name for item in core.list_namespace().items], 120)


sys.exit(1 if failures else 0)
