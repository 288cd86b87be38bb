/** The container runtime: the interface that the kubelet uses, a client for real runtimes, and one that pretends. */
export type * from './runtime.ts';
export { isRuntimeError, rpcMessage, RuntimeError } from './runtime.ts';
export { grpcRuntime, type GrpcRuntimeOptions } from './grpc.ts';
export { containerTypeAnnotation, hollowRuntime, type DelayMs, type HollowOptions, type HollowRuntimeControl, type HollowSnapshot } from './hollow.ts';
export type { HollowFailure } from './hollow-script.ts';
