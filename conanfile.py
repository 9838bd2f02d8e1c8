# conan create .                        the header
# conan create . -o "&:compiled=True"   its second half compiled, -o "&:shared=True" as a shared library
# conan create . -o "&:httplib=False"   without the default transport: needs nlohmann_json alone
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.0"


class RealtimeKitConan(ConanFile):
    name = "realtimekit"
    description = "Cloudflare RealtimeKit for C++17, in one header"
    license = "MIT"
    homepage = "https://developers.cloudflare.com/realtime/realtimekit/"
    topics = ("cloudflare", "realtimekit", "livestream", "rest", "header-only")
    settings = "os", "arch", "compiler", "build_type"
    options = {
        "compiled": [True, False],
        "shared": [True, False],
        "fPIC": [True, False],
        "httplib": [True, False],
    }
    default_options = {
        "compiled": False,
        "shared": False,
        "fPIC": True,
        "httplib": True,
        "cpp-httplib/*:with_openssl": True,  # off by default there
    }
    exports_sources = (
        "realtimekit.hpp", "CMakeLists.txt", "LICENSE", "packaging/*.cmake", "packaging/*.in",
        "packaging/realtimekit.cpp", "packaging/exports.map",
    )
    test_package_folder = "packaging/conan/test_package"

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "realtimekit.hpp"))
        self.version = ".".join(
            re.search(rf"#define REALTIMEKIT_VERSION_{part} (\d+)", header).group(1)
            for part in ("MAJOR", "MINOR", "PATCH"))

    def config_options(self):
        if self.settings.os == "Windows":
            del self.options.fPIC

    def configure(self):
        if self.options.compiled:
            self.package_type = "library"
            if self.options.shared:
                self.options.rm_safe("fPIC")
        else:
            self.package_type = "header-library"
            self.options.rm_safe("shared")
            self.options.rm_safe("fPIC")

    def layout(self):
        cmake_layout(self, src_folder=".")

    def requirements(self):  # users of the header include them, too; ConanCenter pins versions
        used = {"transitive_headers": True, "transitive_libs": True}
        self.requires("nlohmann_json/[>=3.11 <4]", **used)
        if self.options.httplib or self.options.compiled:
            self.requires("openssl/[>=3 <4]", **used)
        if self.options.httplib:
            self.requires("cpp-httplib/[>=0.11 <1]", **used)

    def package_id(self):
        if not self.info.options.compiled:
            self.info.clear()

    def validate(self):
        check_min_cppstd(self, 17)
        if self.options.httplib and not self.dependencies["cpp-httplib"].options.with_openssl:
            raise ConanInvalidConfiguration("realtimekit needs -o 'cpp-httplib/*:with_openssl=True'")

    def generate(self):
        if self.options.compiled:
            toolchain = CMakeToolchain(self)
            toolchain.cache_variables["REALTIMEKIT_HTTPLIB"] = bool(self.options.httplib)
            toolchain.generate()
            CMakeDeps(self).generate()

    def build(self):
        if self.options.compiled:
            cmake = CMake(self)
            cmake.configure()
            cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "realtimekit.hpp", self.source_folder,
             os.path.join(self.package_folder, "include"))
        if self.options.compiled:
            CMake(self).install()
            for folder in ("lib/cmake", "lib/pkgconfig", "share"):  # Conan's generators make these
                rmdir(self, os.path.join(self.package_folder, folder))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "realtimekit")
        self.cpp_info.set_property("cmake_target_name", "realtimekit::all")  # of all components
        self.cpp_info.set_property("pkg_config_name", "realtimekit-all")
        self.cpp_info.set_property("cmake_config_version_compat", "SameMinorVersion")
        json = ["nlohmann_json::nlohmann_json"]
        core = self._component("core", json)
        core.defines = ["REALTIMEKIT_NO_HTTPLIB"]
        used = json + ["openssl::crypto"]
        if self.options.httplib:
            used = json + ["openssl::openssl", "cpp-httplib::cpp-httplib"]
            self._component("realtimekit", used)
        if self.options.compiled:
            # A shared library has found what it needs, but Conan wants each requirement in some component.
            hidden = self.options.shared and self.options.httplib
            compiled = self._component("compiled", [] if hidden else used)
            compiled.libs = ["realtimekit"]
            compiled.libdirs = ["lib"]
            compiled.bindirs = ["bin"]
            compiled.defines = ["REALTIMEKIT_SEPARATE_COMPILATION"]
            if not self.options.httplib:
                compiled.defines.append("REALTIMEKIT_NO_HTTPLIB")

    def _component(self, name, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", f"realtimekit::{name}")
        component.set_property(
            "pkg_config_name", name if name == self.name else f"{self.name}-{name}")
        if name != "core" and self.options.httplib:  # also beside core, as in realtimekit::all
            component.cxxflags = ["-UREALTIMEKIT_NO_HTTPLIB"]
        component.requires = requires
        component.libdirs = []
        component.bindirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            component.system_libs = ["pthread"]
        return component
