# make packages         deb, rpm and a tarball of both architectures (on arm64, which cannot build for x86-64: of its own), bills of
#                       materials and SHA256SUMS in out/packages. The version is that of src/Spec/Product.cs, and the same in README.md;
#                       a new package of the same version needs another Release in azprovision.spec and Version in deb/control.
# make relink-kit       what the executables are linked from, with the command: for whoever wants another glibc in them
# make test-packages    the packages by their own tools, installed, booted, removed; and all built a second time
PACKAGES_PACKAGES = binutils dpkg-dev gzip make rpm tar xz-utils
TEST_PACKAGES_PACKAGES = $(BOOT_PACKAGES) debootstrap lintian rpm
ifeq ($(shell uname -m),aarch64)
PACKAGED = arm64
packages relink-kit: build
else
PACKAGED = amd64 arm64
packages relink-kit: build arm64
endif

packages:
	tests/install-packages.sh $(PACKAGES_PACKAGES)
	src/package/package.sh $(PACKAGED)

relink-kit:
	src/package/relink-kit.sh $(PACKAGED)

test-packages: packages relink-kit
	tests/install-packages.sh $(TEST_PACKAGES_PACKAGES)
	$(DOTNET_TEST) tests/Boot --filter FullyQualifiedName~PackageTests

.PHONY: packages relink-kit test-packages
