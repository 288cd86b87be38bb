/** Images from local files, without a registry and without a builder. */
export { buildContainerfile, parseContainerfile, type ContainerfileOptions } from './containerfile.ts';
export { busyboxImage, busyboxImageName, type BusyboxOptions } from './busybox.ts';
export { exportImage, importImage, listImages, removeImage, type ContainerdAccess, type ListedImage } from './containerd.ts';
export type { ImageFile, ImageFiles } from './files.ts';
export { familiarImageName, normalizeImageName, parseImageName, type ImageName } from './names.ts';
export { buildImage, type BuildImageOptions, type BuiltImage, type ImageArchitecture, type ImageConfig } from './oci.ts';
export { pauseImage, pauseImageName, pauseProgram } from './pause.ts';
export { readImageArchive, type ReadImage } from './archive.ts';
