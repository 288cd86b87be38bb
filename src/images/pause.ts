/**
 * The pause image: one static program that keeps a pod's namespaces open. kubets assembles it itself, instruction by instruction, so that a
 * cluster needs no image registry to run its first pod. The program, the same on both architectures:
 *
 *     rt_sigaction(SIGCHLD, { SIG_DFL, SA_NOCLDWAIT })    orphans that end leave no zombie, also where pods share one PID namespace
 *     rt_sigaction(SIGTERM, { handler: exit })            process 1 of a PID namespace gets no signal that it does not handle
 *     rt_sigaction(SIGINT,  { handler: exit })
 *     for (;;) wait for a signal
 *     exit: exit_group(0)
 *
 * System call numbers: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux. File format: elf(5).
 */
import { assembleImage, makeLayer, type BuiltImage, type ImageArchitecture } from './oci.ts';

/** Where the file is mapped. Any page-aligned address above the kernel's lowest works. */
const loadAddress = 0x400000;
const elfHeaderBytes = 64;
const programHeaderBytes = 56;
const codeOffset = elfHeaderBytes + 2 * programHeaderBytes;

const signal = { int: 2, term: 15, child: 17 };
const flags = { noChildWait: 0x2, restorer: 0x0400_0000 };

/** struct sigaction as the kernel reads it, on both architectures: handler, flags, restorer, mask; 8 bytes each, little endian. */
function sigaction(handler: number, flagBits: number, restorer: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeBigUInt64LE(BigInt(handler), 0);
  bytes.writeBigUInt64LE(BigInt(flagBits), 8);
  bytes.writeBigUInt64LE(BigInt(restorer), 16);
  return bytes;
}

const uint32 = (value: number): number[] => [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >>> 24) & 0xff];

interface Places {
  /** Addresses of the two sigaction structures and of the exit code. */
  childAction: number;
  exitAction: number;
  exit: number;
}

function codeAmd64(at: Places): { code: Buffer; exitOffset: number } {
  const install = (signalNumber: number, action: number): number[] => [
    0xbe, ...uint32(action), //       mov esi, action        second argument: the new action
    0xbf, ...uint32(signalNumber), // mov edi, signal        first argument
    0xb8, ...uint32(13), //           mov eax, 13            rt_sigaction
    0x0f, 0x05, //                    syscall                keeps edi, esi, edx and r10
  ];
  const main = [
    0x31, 0xd2, //                    xor edx, edx           third argument: the old action is not wanted
    0x41, 0xba, ...uint32(8), //      mov r10d, 8            fourth argument: bytes in a signal mask
    ...install(signal.child, at.childAction),
    ...install(signal.term, at.exitAction),
    ...install(signal.int, at.exitAction),
    0xb8, ...uint32(34), //           mov eax, 34            pause: returns after a handler ran
    0x0f, 0x05, //                    syscall
    0xeb, 0xf7, //                    jmp -9                 back to the mov
  ];
  const exit = [
    0x31, 0xff, //                    xor edi, edi           status 0
    0xb8, ...uint32(231), //          mov eax, 231           exit_group
    0x0f, 0x05, //                    syscall
  ];
  return { code: Buffer.from([...main, ...exit]), exitOffset: main.length };
}

/** MOVZ Xd, #value: sets a register to a 16-bit number. */
const movz = (register: number, value: number): number => (0xd2800000 | (value << 5) | register) >>> 0;
/** SVC #0: a system call; its number is in x8, arguments from x0, the answer in x0. */
const svc = 0xd4000001;
/** ADR Xd, target: the target's address, as a distance from this instruction. */
function adr(register: number, from: number, target: number): number {
  const distance = target - from;
  return (0x10000000 | ((distance & 3) << 29) | (((distance >> 2) & 0x7ffff) << 5) | register) >>> 0;
}
/** B target: jumps by a distance in instructions. */
const branch = (instructions: number): number => (0x14000000 | (instructions & 0x3ffffff)) >>> 0;

function codeArm64(at: Places): { code: Buffer; exitOffset: number } {
  const words: number[] = [];
  const here = (): number => loadAddress + codeOffset + words.length * 4;
  const install = (signalNumber: number, action: number): void => {
    words.push(movz(0, signalNumber)); // x0: the signal (the last call's answer was there)
    words.push(adr(1, here(), action)); // x1: the new action
    words.push(svc);
  };
  words.push(movz(8, 134)); // x8: rt_sigaction
  words.push(movz(2, 0)); // x2: the old action is not wanted
  words.push(movz(3, 8)); // x3: bytes in a signal mask
  install(signal.child, at.childAction);
  install(signal.term, at.exitAction);
  install(signal.int, at.exitAction);
  words.push(movz(8, 73)); // x8: ppoll(no descriptors, 0, no time limit, no mask): this architecture has no pause
  words.push(movz(1, 0));
  words.push(movz(3, 0));
  words.push(movz(0, 0)); // loop: x0 again, as it holds the last answer
  words.push(svc);
  words.push(branch(-2));
  const exitOffset = words.length * 4;
  words.push(movz(0, 0)); // x0: status 0
  words.push(movz(8, 94)); // x8: exit_group
  words.push(svc);
  const code = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => code.writeUInt32LE(word, index * 4));
  return { code, exitOffset };
}

/** The ELF file header and two program headers: one segment that is read and executed, and a stack that is not. */
function headers(architecture: ImageArchitecture, fileBytes: number): Buffer {
  const bytes = Buffer.alloc(codeOffset);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64 bits, little endian, version 1
  bytes.writeUInt16LE(2, 16); // ET_EXEC
  bytes.writeUInt16LE(architecture === 'amd64' ? 62 : 183, 18); // EM_X86_64 or EM_AARCH64
  bytes.writeUInt32LE(1, 20); // version
  bytes.writeBigUInt64LE(BigInt(loadAddress + codeOffset), 24); // entry
  bytes.writeBigUInt64LE(BigInt(elfHeaderBytes), 32); // program headers follow at once
  bytes.writeUInt16LE(elfHeaderBytes, 52);
  bytes.writeUInt16LE(programHeaderBytes, 54);
  bytes.writeUInt16LE(2, 56); // two of them
  bytes.writeUInt16LE(64, 58); // size of a section header, though there is none
  const load = elfHeaderBytes;
  bytes.writeUInt32LE(1, load); // PT_LOAD
  bytes.writeUInt32LE(5, load + 4); // read, execute
  bytes.writeBigUInt64LE(BigInt(loadAddress), load + 16); // the whole file, from offset 0
  bytes.writeBigUInt64LE(BigInt(loadAddress), load + 24);
  bytes.writeBigUInt64LE(BigInt(fileBytes), load + 32);
  bytes.writeBigUInt64LE(BigInt(fileBytes), load + 40);
  bytes.writeBigUInt64LE(0x10000n, load + 48); // alignment: arm64 kernels may have pages of 64 KiB
  const stack = load + programHeaderBytes;
  bytes.writeUInt32LE(0x6474e551, stack); // PT_GNU_STACK
  bytes.writeUInt32LE(6, stack + 4); // read, write, not execute
  bytes.writeBigUInt64LE(16n, stack + 48);
  return bytes;
}

/** The program as an ELF executable. */
export function pauseProgram(architecture: ImageArchitecture): Buffer {
  const codeOf = architecture === 'amd64' ? codeAmd64 : codeArm64;
  // Sizes do not depend on addresses: one round without them tells where things lie.
  const draft = codeOf({ childAction: 0, exitAction: 0, exit: 0 });
  const dataOffset = Math.ceil((codeOffset + draft.code.length) / 8) * 8;
  const at = { childAction: loadAddress + dataOffset, exitAction: loadAddress + dataOffset + 32, exit: loadAddress + codeOffset + draft.exitOffset };
  const { code } = codeOf(at);
  const padding = Buffer.alloc(dataOffset - codeOffset - code.length);
  // x86-64 refuses a handler without a restorer; ours never returns, so any address serves.
  const data = [sigaction(0, flags.noChildWait, 0), sigaction(at.exit, flags.restorer, at.exit)];
  const size = dataOffset + 64;
  return Buffer.concat([headers(architecture, size), code, padding, ...data]);
}

/** The name that kubets gives its pause image. */
export const pauseImageName = 'registry.k8s.io/pause:3.10.1';

/** The sandbox image as an archive to import. It runs as user 65535, as upstream's does. */
export async function pauseImage(architecture: ImageArchitecture, names: readonly string[] = [pauseImageName]): Promise<BuiltImage> {
  const files = new Map([['/pause', { content: pauseProgram(architecture), mode: 0o755 }]]);
  return await assembleImage([await makeLayer(files)], { entrypoint: ['/pause'], user: '65535:65535', workingDir: '/' }, architecture, names);
}
